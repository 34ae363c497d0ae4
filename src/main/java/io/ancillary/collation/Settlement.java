package io.ancillary.collation;

import java.time.Duration;

/** How one turn at a delivery ended, which may have taken several attempts. */
public sealed interface Settlement {

    /** The receiver has it. */
    record Delivered(int attempts) implements Settlement {
    }

    /** The receiver does not have it, or did not say so. */
    record Failed(int attempts, String error, Duration retryIn) implements Settlement {
    }

    /** No attempt was made: there was no room for one. */
    record Postponed(Duration retryIn) implements Settlement {
    }
}
