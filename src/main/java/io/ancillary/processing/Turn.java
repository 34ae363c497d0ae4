package io.ancillary.processing;

import java.time.Duration;

import io.ancillary.collation.PartId;

/**
 * One turn at a part.
 *
 * @param attempts how often the part was given to its processor before
 * @param turns how many turns it had, here, from which nothing came
 * @param left until its collation ends, at the latest
 * @param tokens makes the token with which somebody else may complete it
 */
public record Turn(PartId part, String body, int attempts, int turns, Duration left, CompletionTokens tokens) {

    /** Names the part and cannot be guessed. */
    public String token() {
        return tokens.of(part);
    }
}
