package io.ancillary.outbound;

import java.util.concurrent.ScheduledExecutorService;

import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;

/** For Mutiny's timeouts. Its own timers are one thread's, which all others wait for, and keep what they were set for. */
public final class Timers {
    private Timers() {
    }

    /** Those of the event loop that this runs on. */
    public static ScheduledExecutorService here(Vertx vertx) {
        return ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
    }
}
