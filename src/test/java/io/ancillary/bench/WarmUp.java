package io.ancillary.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Has the JVM that is measured compile what it will need. */
final class WarmUp {
    /** What is compiled last costs most: it is over only when hardly anything is compiled any more. */
    private static final int ENOUGH = 2;
    private static final double STILL_COMPILING = 0.05;

    /** Of what is kept: what a service holds in memory is bounded, and the measurements are to have most of that. */
    private static final int MOST_KEPT = 200_000;

    private WarmUp() {
    }

    /** Repeats it until little of the service's CPU goes into compiling, for no longer than that. */
    static void of(Rig rig, Work work, Duration most) throws InterruptedException {
        CompilerCpu compiler = new CompilerCpu(rig.servicePid());
        long began = System.nanoTime();
        int steady = 0;
        for (int n = 1; !work.kept() || n * work.things() <= MOST_KEPT; n++) {
            Map<Path, Long> before = compiler.nanosByThread();
            Sample sample = rig.meter().of(work);
            steady = compiler.microsSince(before) < STILL_COMPILING * sample.serviceMicros() ? steady + 1 : 0;
            if (steady == ENOUGH || System.nanoTime() - began > most.toNanos()) {
                return;
            }
        }
    }
}
