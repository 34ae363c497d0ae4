package io.ancillary.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceIdTest {

    @ParameterizedTest
    @ValueSource(strings = { "a", "0", "-1", "007", "A.b_c~d:e-9", "." })
    void isValid_whenAllItsCharactersAreAllowed(String text) {
        assertThat(ResourceId.isValid(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "a b", "a/b", "a\n", "a\u0000", "\u00e9", "\u0661", "a+b", "a%20b", "{a}",
            "\uD83D\uDE00" })
    void isInvalid_whenACharacterIsNot(String text) {
        assertThat(ResourceId.isValid(text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({ "1, true", "128, true", "129, false", "100000, false" })
    void isValid_upToAHundredAndTwentyEightCharacters(int length, boolean valid) {
        assertThat(ResourceId.isValid("a".repeat(length))).isEqualTo(valid);
    }

    @ParameterizedTest
    @CsvSource({ "0, true", "9223372036854775807, true", "9223372036854775808, false", "-1, false" })
    void isValid_whenItsNumberIsWithinBounds(BigInteger number, boolean valid) {
        assertThat(ResourceId.isValid(number)).isEqualTo(valid);
    }

    @ParameterizedTest
    @ValueSource(strings = { "0", "7", "101", "999999999999999999", "1000000000000000000", "9223372036854775807" })
    void isToldAsANumber_whenItIsACanonicalDecimal(String text) {
        assertThat(new ResourceId(text).json()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = { "00", "007", "-1", "1.5", "1e3", "9223372036854775808", "10000000000000000000", "abc", "~" })
    void isToldAsAString_whenItIsNot(String text) {
        assertThat(new ResourceId(text).json()).isEqualTo('"' + text + '"');
    }
}
