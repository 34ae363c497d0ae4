package io.ancillary.packets;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of bulk bodies is in memory, of all that are being read together: each by itself is bounded, and there may be
 * thousands. From any thread.
 */
final class BulkRoom {
    /** Of the heap; what is made of the bytes takes a few times as much. */
    private static final int SHARE = 16;

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    BulkRoom() {
        this.most = Runtime.getRuntime().maxMemory() / SHARE;
    }

    void take(long bytes) {
        taken.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Whether there is none, but for one packet on its way of each body. */
    boolean isFull() {
        return taken.get() >= most;
    }

    long taken() {
        return taken.get();
    }
}
