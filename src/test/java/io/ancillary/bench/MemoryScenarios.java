package io.ancillary.bench;

import java.time.Duration;

import org.awaitility.Awaitility;

import io.ancillary.bench.Packets.Words;

/**
 * What Redis holds of work that is not finished, and of what is, in bytes: how much more memory it uses by its own account
 * after so much than before it.
 */
final class MemoryScenarios {
    private static final int PACKETS_A_RESOURCE = 10;
    private static final int PACKETS = 50_000;
    /** Whatever is there once and not for each packet is there before. */
    private static final int BEFORE = 5_000;
    /** Buffers of connections that have much to say shrink after that. */
    private static final Duration UNTIL_QUIET = Duration.ofSeconds(3);
    private static final Duration UNTIL_COLLATED = Duration.ofMinutes(1);

    private final Report report;

    MemoryScenarios(Report report) {
        this.report = report;
    }

    /** Accepted, and in the journal: all that there is of their resources counts, except for the payloads. */
    void measureOpenPackets(Rig withheld) throws InterruptedException {
        String aof = keepLittle(withheld);
        double bytes = moreUsed(withheld, Words.HUNDRED_BYTES, false);
        report.add(Report.Table.MEMORY, Result.of("open packet beyond payload", aof).with(Metric.COUNT, PACKETS)
                .with(Metric.BYTES, bytes / PACKETS - Words.HUNDRED_BYTES.text().length()));
    }

    /** With the outputs of ten packets, as large as they may be in a compact set, waiting for more. */
    void measureOpenResources(Rig rig) throws InterruptedException {
        String aof = keepLittle(rig);
        int resources = PACKETS / PACKETS_A_RESOURCE;
        report.add(Report.Table.MEMORY, Result.of("open resource of 10", aof).with(Metric.COUNT, resources)
                .with(Metric.BYTES, moreUsed(rig, Words.LARGEST_COMPACT, true) / resources));
    }

    /** What an append-only file has still to be told is memory too, but passes. */
    private static String keepLittle(Rig rig) {
        return rig.redis().keep(rig.redis().aofs().get(0));
    }

    /** Delivered, and kept for as long as finished work is. */
    void measureFinished(Rig rig) throws InterruptedException {
        String aof = keepLittle(rig);
        Jobs jobs = new Jobs(rig);
        int resources = PACKETS / PACKETS_A_RESOURCE;
        report.add(Report.Table.MEMORY, Result.of("finished resource of 10", aof).with(Metric.COUNT, resources)
                .with(Metric.BYTES, moreUsed(rig, packets -> jobs.wholeJob(packets, PACKETS_A_RESOURCE).run()) / resources));
        report.add(Report.Table.MEMORY, Result.of("finished session", aof).with(Metric.COUNT, PACKETS)
                .with(Metric.BYTES, moreUsed(rig, sessions -> jobs.sessions(sessions).run()) / PACKETS));
    }

    private static double moreUsed(Rig rig, Words words, boolean collated) throws InterruptedException {
        Jobs jobs = new Jobs(rig);
        return moreUsed(rig, packets -> {
            jobs.accept(Packets.open(Jobs.newPrefix(), PACKETS_A_RESOURCE, words), packets);
            if (collated) {
                awaitCollated(rig);
            }
        });
    }

    private static double moreUsed(Rig rig, Doing doing) throws InterruptedException {
        doing.of(BEFORE);
        Thread.sleep(UNTIL_QUIET.toMillis());
        double before = rig.redis().stats().usedMemory();
        doing.of(PACKETS);
        Thread.sleep(UNTIL_QUIET.toMillis());
        return rig.redis().stats().usedMemory() - before;
    }

    /** What is done so many times. */
    private interface Doing {
        void of(int times) throws InterruptedException;
    }

    /** Until nothing is in the journal any more. */
    static void awaitCollated(Rig rig) {
        Awaitility.await().atMost(UNTIL_COLLATED).pollInterval(Duration.ofMillis(100))
                .until(() -> rig.meter().metrics().partsHeld() == 0);
    }
}
