package io.ancillary.collation;

import java.time.Duration;

/** What came of a turn at a delivery. */
public sealed interface Settlement {

    /** The receiver has it. */
    record Delivered(Attempt attempt) implements Settlement {
    }

    /** The receiver does not have it, or did not say so. */
    record Failed(Attempt attempt, Duration retryIn) implements Settlement {
    }

    /** Likewise, and there is to be no further attempt: it is a dead letter. */
    record Dead(Attempt attempt) implements Settlement {
    }

    /**
     * No attempt was made: it was not the time, or there was no room for one.
     *
     * @param most how long after it was begun it is a dead letter instead
     */
    record Postponed(Duration retryIn, Duration most) implements Settlement {
        public static final String ERROR = "its endpoint was left alone for so long that no attempt is left";
        private static final Duration EVER = Duration.ofDays(36_500);

        /** One that may be postponed as often as need be. */
        public Postponed(Duration retryIn) {
            this(retryIn, EVER);
        }
    }
}
