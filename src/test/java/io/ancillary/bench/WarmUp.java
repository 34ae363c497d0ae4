package io.ancillary.bench;

import java.time.Duration;

/** Has the JVM that is measured compile what it will need. */
final class WarmUp {
    private static final Duration MOST = Duration.ofSeconds(25);
    /** What is compiled last costs most: it is over only when hardly anything is compiled any more. */
    private static final double STILL_COMPILING = 0.05;

    private WarmUp() {
    }

    /** Repeats it until little of the service's CPU goes into compiling, for a bounded time; gives the last of it. */
    static Sample of(Rig rig, Work work) throws InterruptedException {
        CompilerCpu compiler = new CompilerCpu(rig.servicePid());
        long began = System.nanoTime();
        while (true) {
            long before = compiler.micros();
            Sample sample = rig.meter().of(work);
            boolean steady = compiler.micros() - before < STILL_COMPILING * sample.serviceMicros();
            if (steady || System.nanoTime() - began > MOST.toNanos()) {
                return sample;
            }
        }
    }
}
