package io.ancillary.pipeline;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many may ask the store for room while it has none. A full journal still has some for what belongs to an open collation,
 * which only the store can tell, so what comes is to be asked about; but to ask in vain costs nearly as much as
 * to be taken in, and in a flood most would ask in vain. So there, while others are refused, as many may ask as leave, and
 * a few more. From any thread.
 */
final class Turnstile {
    static final Duration AFTER_A_REFUSAL = Duration.ofMillis(100);
    /** Short, so that those who ask come evenly. */
    static final Duration TURN = Duration.ofMillis(10);
    /** A twentieth of a core, where to ask costs 100 µs. */
    static final int MORE_THAN_LEAVE = 5;

    private final AtomicInteger asked = new AtomicInteger();
    private volatile long refusedAt;
    private volatile long turn;

    Turnstile(long nanos) {
        refusedAt = nanos - AFTER_A_REFUSAL.toNanos();
        turn = nanos;
    }

    /** One was refused. */
    void refused(long nanos) {
        refusedAt = nanos;
    }

    /** Whether one more may ask. Of two that begin a turn at once, one may be counted in none. */
    boolean letsThrough(long nanos, double leaveASecond) {
        if (nanos - refusedAt >= AFTER_A_REFUSAL.toNanos()) {
            return true;
        }
        if (nanos - turn >= TURN.toNanos()) {
            turn = nanos;
            asked.set(0);
        }
        return asked.incrementAndGet() <= MORE_THAN_LEAVE + leaveASecond * TURN.toNanos() / 1e9;
    }
}
