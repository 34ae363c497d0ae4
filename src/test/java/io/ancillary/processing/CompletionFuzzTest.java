package io.ancillary.processing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartName;
import io.ancillary.testsupport.Dice;
import io.ancillary.testsupport.Fuzz;
import io.ancillary.testsupport.StrictJson;

/** What comes with completions, whoever sends it: a token, and a JSON value. */
class CompletionFuzzTest {
    private static final int CASES = 25_000;
    private static final CompletionTokens TOKENS = new CompletionTokens("the-secret-of-the-partition");

    @Test
    void admitsTheTokensThatWereMade_andNoOther() {
        Fuzz.runText("token", CASES, CompletionFuzzTest::token, token -> {
            Optional<PartId> claimed = CompletionTokens.claimed(token);
            claimed.ifPresent(part -> {
                assertThat(PartId.parse(part.text())).contains(part);
                assertThat(TOKENS.admits(token, part)).as(token).isEqualTo(TOKENS.of(part).equals(token));
            });
            return claimed.filter(part -> TOKENS.admits(token, part)).isPresent();
        });
    }

    @Test
    void takesEveryJsonValueForAnOutput_asItCame_andNothingElse() {
        Fuzz.run("output", CASES, CompletionFuzzTest::output, body -> {
            assertThat(JsonText.read(body).isPresent()).isEqualTo(StrictJson.parse(body).isPresent());
            JsonText.read(body).ifPresent(text -> assertThat(text)
                    .isEqualTo(new String(body, UTF_8).replaceAll("^[ \t\r\n]+|[ \t\r\n]+$", "")));
            return JsonText.read(body).isPresent();
        });
    }

    private static String token(Dice dice) {
        PartId part = new PartId(dice.below(1024), new PartName(new CollationId(dice.pick("packets", "sessions"),
                dice.word("Az09._~:-", 1 + dice.below(20))), dice.word("az09-", 1 + dice.below(20)), dice.below(100_000)));
        String token = TOKENS.of(part);
        String other = TOKENS.of(new PartId(0, part.part()));
        return switch (dice.below(4)) {
            case 0 -> token;
            case 1 -> token.substring(0, token.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
            default -> new String(dice.damaged(token.getBytes(UTF_8)), UTF_8);
        };
    }

    private static byte[] output(Dice dice) {
        byte[] body = (dice.blank() + dice.json(5) + dice.blank()).getBytes(UTF_8);
        return dice.one(2) ? dice.damaged(body) : body;
    }
}
