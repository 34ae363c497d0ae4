package io.ancillary.bench;

import java.time.Duration;

import org.HdrHistogram.Histogram;

import io.ancillary.testsupport.Api;

/**
 * How long after the last packet of a resource of ten its webhook is at the receiver, when packets come at a fixed rate.
 * Times count from when that packet was due, so that what had to wait for others, here as in the service, is in them. The
 * floor is measured at the same rate and in turns with the service, since the machine may be another a minute later.
 */
final class LatencyScenarios {
    private static final int PACKETS_A_RESOURCE = 10;
    private static final int USUAL_RATE = 100;
    private static final int BRISK_RATE = 1000;
    private static final int WARM_RATE = 2000;
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration FLOOR_FOR = Duration.ofSeconds(8);
    private static final Duration SERVICE_FOR = Duration.ofSeconds(20);
    private static final Duration BRIEFLY = Duration.ofSeconds(10);
    private static final Duration LULL = Duration.ofSeconds(2);

    private final Settings settings;
    private final Report report;
    private final Rig rig;
    private final Jobs jobs;

    LatencyScenarios(Settings settings, Report report, Rig rig) {
        this.settings = settings;
        this.report = report;
        this.rig = rig;
        this.jobs = new Jobs(rig);
    }

    void measure() throws InterruptedException {
        String aof = rig.redis().keep(rig.redis().usualAof());
        double atMost = WarmUp.of(rig, jobs.wholeJob(settings.packets(), PACKETS_A_RESOURCE), WARM_UP).perSecond();
        Histogram floor = new Histogram(3);
        Histogram usual = new Histogram(3);
        try (Floor bare = new Floor(rig.redis().url(), rig.receiverUrl())) {
            ofFloor(bare, WARM_RATE, LULL);
            ofService(USUAL_RATE, LULL);
            for (int repeat = 0; repeat < settings.repeats(); repeat++) {
                floor.add(ofFloor(bare, USUAL_RATE, FLOOR_FOR));
                usual.add(ofService(USUAL_RATE, SERVICE_FOR));
            }
        }
        tell("floor at 100/s", aof, USUAL_RATE, floor, floor);
        tell("latency at 100/s", aof, USUAL_RATE, usual, floor);
        tell("latency at 1000/s", aof, BRISK_RATE, ofService(BRISK_RATE, BRIEFLY), floor);
        int half = (int) (atMost / 2);
        tell("latency at half load", aof, half, ofService(half, BRIEFLY), floor);
    }

    private Histogram ofService(int aSecond, Duration time) throws InterruptedException {
        Packets packets = new Packets(Jobs.newPrefix(), PACKETS_A_RESOURCE);
        int count = count(aSecond, time);
        Receipts receipts = jobs.expect(packets, count);
        Pace pace = rig.load().openLoop(Requests.json(Api.PACKETS, count, packets::packet), Jobs.CONNECTIONS, aSecond);
        return sinceLast(packets, receipts, pace, count);
    }

    private Histogram ofFloor(Floor floor, int aSecond, Duration time) throws InterruptedException {
        Packets packets = new Packets(Jobs.newPrefix(), PACKETS_A_RESOURCE);
        int count = count(aSecond, time);
        Receipts receipts = jobs.expect(packets, count);
        return sinceLast(packets, receipts, floor.run(packets, count, aSecond), count);
    }

    /** Whole resources. */
    private static int count(int aSecond, Duration time) {
        return (int) (aSecond * time.toSeconds()) / PACKETS_A_RESOURCE * PACKETS_A_RESOURCE;
    }

    private static Histogram sinceLast(Packets packets, Receipts receipts, Pace pace, int count) throws InterruptedException {
        receipts.awaitAll();
        Histogram latency = new Histogram(3);
        for (int resource = 0; resource < count / PACKETS_A_RESOURCE; resource++) {
            latency.recordValue(Math.max(0, receipts.arrivalNanos(resource) - pace.due(packets.last(resource))));
        }
        return latency;
    }

    private void tell(String scenario, String aof, int aSecond, Histogram latency, Histogram floor) {
        report.add(Report.Table.LATENCY, Result.of(scenario, aof).with(Metric.THROUGHPUT, aSecond)
                .with(Metric.OUTCOMES, latency.getTotalCount()).with(latency, Metric.P50, Metric.P99, Metric.P999)
                .with(Metric.P50_TO_FLOOR, Result.millis(latency, 50) / Result.millis(floor, 50))
                .with(Metric.P99_TO_FLOOR, Result.millis(latency, 99) / Result.millis(floor, 99)));
    }
}
