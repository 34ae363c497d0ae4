package io.ancillary.processing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartName;

class CompletionTokensTest {
    private static final PartId PART = part("order-7");

    private final CompletionTokens tokens = new CompletionTokens("s3cret");

    @ParameterizedTest
    @ValueSource(strings = { "101", "a.b.c", "a:1:2", "..", "::", "A.b_c~d:e-9", "." })
    void namesItsPart(String resource) {
        PartId part = part(resource);

        String token = tokens.of(part);

        assertThat(CompletionTokens.claimed(token)).contains(part);
        assertThat(tokens.admits(token, part)).isTrue();
        assertThat(token).as("goes into a path as it is").matches("[A-Za-z0-9._~:-]+");
    }

    @Test
    void isTheSame_wheneverItIsMade() {
        assertThat(tokens.of(PART)).isEqualTo(new CompletionTokens("s3cret").of(PART));
    }

    /** What stands behind the last full stop has 128 bits, 6 a character: of the last character's, 4 mean nothing. */
    @Test
    void isRefused_whenAnyCharacterIsAnother() {
        String token = tokens.of(PART);

        assertThat(IntStream.range(0, token.length()).mapToObj(at -> withAnotherCharacter(token, at)))
                .hasSize(token.length())
                .noneMatch(
                        changed -> CompletionTokens.claimed(changed).filter(part -> tokens.admits(changed, part)).isPresent());
    }

    @Test
    void isRefused_forAnotherPart() {
        assertThat(tokens.admits(tokens.of(PART), part("order-8"))).isFalse();
    }

    @Test
    void isRefused_underAnotherSecret() {
        assertThat(new CompletionTokens("s3creT").admits(tokens.of(PART), PART)).isFalse();
    }

    @Test
    void isRefused_whenSomethingIsCutOffOrPutBehind() {
        String token = tokens.of(PART);

        assertThat(tokens.admits(token + "=", PART)).isFalse();
        assertThat(tokens.admits(token.substring(0, token.length() - 1), PART)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", ".", "nonsense", "0-packets:1:g:1", ".0-packets:1:g:1", "0-packets:1:g.abc" })
    void namesNoPart_whenItIsNoToken(String token) {
        assertThat(CompletionTokens.claimed(token)).isEmpty();
    }

    private static String withAnotherCharacter(String token, int at) {
        char other = token.charAt(at) == 'b' ? 'c' : 'b';
        return token.substring(0, at) + other + token.substring(at + 1);
    }

    private static PartId part(String resource) {
        return new PartId(0, new PartName(new CollationId("packets", resource), "1700000000000-0", 7));
    }
}
