package io.ancillary.processing;

import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * How long a part waits after an attempt that failed: twice as long each time, and up to a fifth longer by chance, so
 * that what failed together does not return together. What the service asked for is waited for, but not for ever.
 */
record Backoff(Duration first, Duration longest, DoubleSupplier random) {
    private static final double JITTER = 0.2;
    private static final int MOST_DOUBLINGS = 30;
    private static final Duration LONGEST_ASKED = Duration.ofHours(1);

    /**
     * The wait.
     *
     * @param failures how many attempts have failed, one at least
     * @param asked what the service asked for, by {@code Retry-After}
     */
    Duration after(int failures, Optional<Duration> asked) {
        Duration doubled = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
        Duration own = shorter(doubled, longest);
        Duration wait = asked.map(it -> shorter(it, LONGEST_ASKED)).filter(it -> it.compareTo(own) > 0).orElse(own);
        return wait.plusMillis((long) (wait.toMillis() * JITTER * random.getAsDouble()));
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
