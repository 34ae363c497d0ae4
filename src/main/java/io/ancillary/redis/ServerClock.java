package io.ancillary.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Redis' clock as this process knows it, from the time that each script's answer carries. Only ever used to say
 * until when a call may be carried out, so it need not be exact; the local clock may be wrong by any amount.
 */
final class ServerClock {
    private final LongSupplier nanos;
    private volatile long offsetMillis;

    ServerClock(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void observe(long serverMillis) {
        offsetMillis = serverMillis - elapsedMillis();
    }

    long in(Duration wait) {
        return elapsedMillis() + offsetMillis + wait.toMillis();
    }

    private long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
    }
}
