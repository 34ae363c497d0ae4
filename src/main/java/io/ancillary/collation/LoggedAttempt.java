package io.ancillary.collation;

import java.time.Instant;
import java.util.Optional;

/**
 * A line of the log of a delivery's attempts, of which the last {@link #KEPT} are kept.
 *
 * @param number counted from 1
 * @param next when the one after it was to be; empty when there was to be none
 */
public record LoggedAttempt(int number, Attempt attempt, Optional<Instant> next) {
    public static final int KEPT = 20;
}
