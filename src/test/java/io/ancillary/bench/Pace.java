package io.ancillary.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** When each of many packets is due, by {@link System#nanoTime}, however long others take. */
record Pace(long began, int aSecond) {

    static Pace fromNow(int aSecond) {
        return new Pace(System.nanoTime(), aSecond);
    }

    long due(int n) {
        return began + n * Duration.ofSeconds(1).toNanos() / aSecond;
    }

    void awaitDue(int n) {
        for (long left = due(n) - System.nanoTime(); left > 0; left = due(n) - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
