package io.ancillary.pipeline;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many may ask the store for room while it has none. A full journal still has some for what belongs to an open collation,
 * which only the store can tell, so what comes is to be asked about; but to ask in vain costs nearly as much as
 * to be taken in, and in a flood most would ask in vain. So while others are refused, as many may ask as leave the lane,
 * and a few more. Of the rest every fourth may all the same: what belongs to an open collation is among them, and must
 * get through before that is closed for want of it. From any thread.
 */
final class Turnstile {
    static final Duration AFTER_A_REFUSAL = Duration.ofMillis(100);
    /** So long nobody may have asked, and those who did not may ask all at once. */
    static final Duration SAVED = Duration.ofMillis(100);
    /** A second. A twentieth of a core, where to ask costs 100 µs. */
    static final int MORE_THAN_LEAVE = 500;
    static final int EVERY = 4;

    /** When as many may have asked as have. */
    private final AtomicLong paidUntil;
    private final AtomicInteger turnedAway = new AtomicInteger();
    private volatile long refusedAt;

    Turnstile(long nanos) {
        paidUntil = new AtomicLong(nanos);
        refusedAt = nanos - AFTER_A_REFUSAL.toNanos();
    }

    /**
     * One asks, which counts only while others are refused. Whoever was let through although it was not its turn does not
     * shut others out for long.
     */
    void ask(long nanos, double leaveASecond) {
        if (!areRefused(nanos)) {
            return;
        }
        long each = (long) (1e9 / (leaveASecond + MORE_THAN_LEAVE));
        paidUntil.updateAndGet(
                until -> nanos + Math.min(Math.max(until - nanos, -SAVED.toNanos()) + each, SAVED.toNanos()));
    }

    /** One that asked was refused. */
    void refuse(long nanos) {
        refusedAt = nanos;
    }

    /** Whether one is not to ask. */
    boolean turnsAway(long nanos) {
        return areRefused(nanos) && paidUntil.get() - nanos > 0 && turnedAway.incrementAndGet() % EVERY != 0;
    }

    private boolean areRefused(long nanos) {
        return nanos - refusedAt < AFTER_A_REFUSAL.toNanos();
    }
}
