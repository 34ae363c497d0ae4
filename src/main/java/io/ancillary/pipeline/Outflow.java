package io.ancillary.pipeline;

import java.time.Duration;

/** How fast parts leave a lane, and so how long it takes until there is room for others. Read from any thread. */
final class Outflow {
    /** Beyond that nobody can tell. */
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final double WEIGHT_OF_THE_LATEST = 0.5;

    /** So often it is looked at before it says anything: a process that has just begun gets faster. */
    private static final int FIRST_LOOKS = 6;

    private volatile double aSecond;
    private volatile int looks;
    private long left;
    private long leftBefore;
    private long lookedAt;

    Outflow(long nanos) {
        this.lookedAt = nanos;
    }

    void left() {
        left++;
    }

    /** Takes the time; to be called now and then. */
    void look(long nanos) {
        if (nanos > lookedAt) {
            weigh(latest(nanos));
            leftBefore = left;
            lookedAt = nanos;
            looks = Math.min(FIRST_LOOKS, looks + 1);
        }
    }

    private double latest(long nanos) {
        return (left - leftBefore) * 1e9 / (nanos - lookedAt);
    }

    private void weigh(double latest) {
        double before = aSecond;
        aSecond = before + WEIGHT_OF_THE_LATEST * (latest - before);
    }

    /** Nothing is left to do, and was not for some of the time that passed: it may be faster than that says, not slower. */
    void lookAway(long nanos) {
        if (nanos > lookedAt && latest(nanos) > aSecond) {
            weigh(latest(nanos));
        }
        leftBefore = left;
        lookedAt = nanos;
    }

    /** How many leave. */
    double aSecond() {
        return aSecond;
    }

    /** In whole seconds, at least one. */
    Duration timeFor(int parts) {
        double seconds = looks < FIRST_LOOKS ? 1 : Math.ceil(parts / aSecond);
        return seconds < LONGEST.toSeconds() ? Duration.ofSeconds(Math.max(1, (long) seconds)) : LONGEST;
    }
}
