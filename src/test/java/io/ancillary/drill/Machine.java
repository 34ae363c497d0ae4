package io.ancillary.drill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The machine that a drill runs on, which others may use too: for how long it stalled is nobody's fault here. */
final class Machine {
    private static final Duration NAP = Duration.ofMillis(20);
    private static final Duration NOTEWORTHY = Duration.ofMillis(50);

    private final AtomicLong stalledNanos = new AtomicLong();

    private Machine() {
    }

    static Machine watch() {
        Machine machine = new Machine();
        Thread watch = new Thread(machine::nap, "watch");
        watch.setDaemon(true);
        watch.start();
        return machine;
    }

    /** For how long, so far, it let a thread of ours wait that had nothing to do but to wake up. */
    double stalledSeconds() {
        return stalledNanos.get() / 1e9;
    }

    /** What waited for the processors in the last minute, in the last five, and in the last fifteen. */
    static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).replaceAll("(\\S+ \\S+ \\S+) .*\\n", "$1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void nap() {
        while (!Thread.currentThread().isInterrupted()) {
            long began = System.nanoTime();
            Drills.pass(NAP);
            long late = System.nanoTime() - began - NAP.toNanos();
            if (late > NOTEWORTHY.toNanos()) {
                stalledNanos.addAndGet(late);
            }
        }
    }
}
