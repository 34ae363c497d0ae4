package io.ancillary.inbound;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.netty.channel.EventLoop;

/**
 * How late an event loop is with what it does. What waits in its clients' connections cannot be counted, but while it has
 * gone round for longer than it should, twice in a row, what it reads now has waited for that long. Once is no sign: the
 * whole process may have paused. Only on that event loop.
 */
final class Lateness {
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(30);

    private final LongSupplier nanos;
    private long ticked;
    private boolean late;

    Lateness(LongSupplier nanos) {
        this.nanos = nanos;
        this.ticked = nanos.getAsLong();
    }

    /** Of this event loop, from now on. */
    @SuppressWarnings("FutureReturnValueIgnored") // It ends with its event loop.
    static Lateness of(EventLoop loop) {
        Lateness lateness = new Lateness(System::nanoTime);
        loop.scheduleWithFixedDelay(lateness::tick, TICK, TICK, TimeUnit.NANOSECONDS);
        return lateness;
    }

    /** Comes round once, and then not before a while has passed. */
    void tick() {
        long now = nanos.getAsLong();
        late = now - ticked > LATE;
        ticked = now;
    }

    boolean isLate() {
        return late && nanos.getAsLong() - ticked > LATE;
    }
}
