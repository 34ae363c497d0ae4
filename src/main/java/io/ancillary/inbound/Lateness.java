package io.ancillary.inbound;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.ancillary.http.Gate.Pace;
import io.netty.channel.EventLoop;

/**
 * How busy an event loop is, and how late with what it does. What waits in its clients' connections cannot be counted, but
 * while it has gone round for longer than it should, twice in a row, what it reads now has waited for that long. Once is no
 * sign: the whole process may have paused. Looks only while it is asked. Only on that event loop.
 */
final class Lateness {
    static final long TICK = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(15);
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(20);
    /** So long it counts as busy, if it is asked on: to turn requests away makes it quick, and it would read all again. */
    private static final long STILL_BUSY = TimeUnit.MILLISECONDS.toNanos(500);

    private final LongSupplier nanos;
    private final Consumer<Runnable> nextTick;
    private boolean ticking;
    private boolean asked;
    private long ticked;
    /** How long its last round took. */
    private long last;
    private long busyUntil;

    /** Takes what runs a task after a {@link #TICK}. */
    Lateness(LongSupplier nanos, Consumer<Runnable> nextTick) {
        this.nanos = nanos;
        this.nextTick = nextTick;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It ends with its event loop.
    static Lateness of(EventLoop loop) {
        return new Lateness(System::nanoTime, tick -> loop.schedule(tick, TICK, TimeUnit.NANOSECONDS));
    }

    Pace pace() {
        long now = nanos.getAsLong();
        asked = true;
        if (!ticking) {
            ticking = true;
            last = 0;
            busyUntil = now;
            ticked = now;
            nextTick.accept(this::tick);
        }
        long present = present(now);
        return last > LATE && present > LATE ? Pace.LATE : busyUntil - now > 0 ? Pace.BUSY : Pace.ON_TIME;
    }

    /** How long its present round takes by now. */
    private long present(long now) {
        long passed = now - ticked;
        if (last > LONG && passed > LONG) {
            busyUntil = now + STILL_BUSY;
        }
        return passed;
    }

    /** Comes round once, and then not before a while has passed. */
    private void tick() {
        long now = nanos.getAsLong();
        last = present(now);
        ticked = now;
        ticking = asked;
        asked = false;
        if (ticking) {
            nextTick.accept(this::tick);
        }
    }
}
