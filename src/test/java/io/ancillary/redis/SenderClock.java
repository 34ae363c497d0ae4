package io.ancillary.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A sender's clock that can be set back, so that its next call says of itself that it was sent so much earlier. The
 * answer, whatever it is, puts that right again.
 */
final class SenderClock implements LongSupplier {
    private final AtomicLong behind = new AtomicLong();

    void setBack(Duration by) {
        behind.addAndGet(by.toNanos());
    }

    @Override
    public long getAsLong() {
        return System.nanoTime() - behind.get();
    }
}
