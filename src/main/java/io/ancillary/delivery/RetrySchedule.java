package io.ancillary.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * How long is waited before each attempt: never less than is configured, and up to a tenth longer by chance, so that
 * what failed together does not return together.
 */
final class RetrySchedule {
    private static final double JITTER = 0.1;
    private static final Duration BESIDES = Duration.ofHours(1);

    private final List<Duration> waits;
    private final DoubleSupplier random;

    /** Takes a source of numbers that are uniform in [0, 1). */
    RetrySchedule(List<Duration> waits, DoubleSupplier random) {
        this.waits = List.copyOf(waits);
        this.random = random;
    }

    Duration untilFirst() {
        return jittered(waits.get(0));
    }

    /**
     * The wait after so many attempts; empty when there is to be no further one.
     *
     * @param asked how long the receiver wants to be left alone, at least
     */
    Optional<Duration> after(int attempts, Duration asked) {
        return attempts >= waits.size() ? Optional.empty() : Optional.of(jittered(longer(waits.get(attempts), asked)));
    }

    /** How long after it was begun no delivery is tried any more, though it had to wait for other reasons than these. */
    Duration most() {
        Duration all = waits.stream().reduce(Duration.ZERO, Duration::plus);
        return all.plusNanos((long) (all.toNanos() * JITTER)).plus(BESIDES);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private Duration jittered(Duration wait) {
        return wait.plusNanos((long) (wait.toNanos() * JITTER * random.getAsDouble()));
    }
}
