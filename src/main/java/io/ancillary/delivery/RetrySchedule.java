package io.ancillary.delivery;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long a delivery waits in the outbox after a turn that failed: twice as long each time, between one second
 * and five minutes, and up to a fifth longer by chance so that what failed together does not return together.
 */
final class RetrySchedule {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final double JITTER = 0.2;

    private final DoubleSupplier random;

    /** Takes a source of numbers that are uniform in [0, 1). */
    RetrySchedule(DoubleSupplier random) {
        this.random = random;
    }

    /** The wait after a turn that failed when so many had failed before it. */
    Duration waitAfter(int turns) {
        Duration wait = FIRST.multipliedBy(1L << Math.min(turns, 16));
        Duration bounded = wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
        return bounded.plusMillis((long) (bounded.toMillis() * JITTER * random.getAsDouble()));
    }
}
