package io.ancillary.inbound;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.netty.channel.EventLoop;

/**
 * How late an event loop is with what it does. What waits in its clients' connections cannot be counted, but while it has
 * gone round for longer than it should, twice in a row, what it reads now has waited for that long. Once is no sign: the
 * whole process may have paused. Looks only while it is asked. Only on that event loop.
 */
final class Lateness {
    static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(20);

    private final LongSupplier nanos;
    private final Consumer<Runnable> nextTick;
    private boolean ticking;
    private boolean asked;
    private long ticked;
    private boolean late;

    /** Takes what runs a task after a {@link #TICK}. */
    Lateness(LongSupplier nanos, Consumer<Runnable> nextTick) {
        this.nanos = nanos;
        this.nextTick = nextTick;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It ends with its event loop.
    static Lateness of(EventLoop loop) {
        return new Lateness(System::nanoTime, tick -> loop.schedule(tick, TICK, TimeUnit.NANOSECONDS));
    }

    boolean isLate() {
        long now = nanos.getAsLong();
        asked = true;
        if (!ticking) {
            ticking = true;
            late = false;
            ticked = now;
            nextTick.accept(this::tick);
        }
        return late && now - ticked > LATE;
    }

    /** Comes round once, and then not before a while has passed. */
    private void tick() {
        long now = nanos.getAsLong();
        late = now - ticked > LATE;
        ticked = now;
        ticking = asked;
        asked = false;
        if (ticking) {
            nextTick.accept(this::tick);
        }
    }
}
