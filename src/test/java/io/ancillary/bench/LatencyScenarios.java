package io.ancillary.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.HdrHistogram.Histogram;

import io.ancillary.testsupport.Api;

/**
 * How long after the last packet of a resource of ten its webhook is at the receiver, when packets come at a fixed rate.
 * Times count from when that packet was due, so that what had to wait for others, here as in the service, is in them. Each
 * rate has its floor, measured for as long and in turns with the service, since the machine may be another a minute later.
 * A floor that cannot keep its rate is not held back either: then it is late, and its figures say so.
 */
final class LatencyScenarios {
    private static final int PACKETS_A_RESOURCE = 10;
    private static final int USUAL_RATE = 100;
    private static final int BRISK_RATE = 1000;
    private static final int WARM_RATE = 2000;
    private static final int SAMPLES_AT_MOST = 3;
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration WARM_RATE_FOR = Duration.ofSeconds(2);
    private static final Duration USUAL_RATE_FOR = Duration.ofSeconds(15);
    private static final Duration BRIEFLY = Duration.ofSeconds(5);
    private static final Duration LULL = Duration.ofSeconds(3);

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
        int half = (int) (atMost() / 2);
        try (Floor floor = new Floor(rig.redis().url(), rig.receiverUrl())) {
            ofFloor(floor, WARM_RATE, WARM_RATE_FOR);
            ofService(USUAL_RATE, WARM_RATE_FOR);
            measure(floor, aof, new Rate("100/s", USUAL_RATE, USUAL_RATE_FOR));
            measure(floor, aof, new Rate("1000/s", BRISK_RATE, BRIEFLY));
            measure(floor, aof, new Rate("half load", half, BRIEFLY));
        }
    }

    /** Whole jobs a second, when they are sent as fast as they are answered. */
    private double atMost() throws InterruptedException {
        Work work = jobs.wholeJob(settings.packets(), PACKETS_A_RESOURCE);
        WarmUp.of(rig, work, WARM_UP);
        List<Sample> samples = new ArrayList<>();
        for (int n = 0; n < SAMPLES_AT_MOST; n++) {
            samples.add(rig.meter().of(work));
        }
        return Median.of(samples, Sample::perSecond);
    }

    private void measure(Floor bare, String aof, Rate rate) throws InterruptedException {
        Histogram floor = new Histogram(3);
        Histogram latency = new Histogram(3);
        List<Run> runs = new ArrayList<>();
        for (int repeat = 0; repeat < settings.repeats(); repeat++) {
            floor.add(ofFloor(bare, rate.aSecond(), rate.time()));
            Run run = ofService(rate.aSecond(), rate.time());
            latency.add(run.latency());
            runs.add(run);
        }
        report.add(Report.Table.LATENCY, result("floor at ", aof, rate, floor, floor));
        report.add(Report.Table.LATENCY, result("latency at ", aof, rate, latency, floor)
                .with(Metric.SCRIPT_CALLS, Median.of(runs, Run::scriptCalls))
                .with(Metric.REFUSED, runs.stream().mapToDouble(Run::refused).average().orElseThrow()));
    }

    private record Rate(String name, int aSecond, Duration time) {
    }

    /** @param scriptCalls for each packet; those that the service makes when nothing comes are not in it */
    private record Run(Histogram latency, double scriptCalls, double refused) {
    }

    private Run ofService(int aSecond, Duration time) throws InterruptedException {
        Packets packets = new Packets(Jobs.newPrefix(), PACKETS_A_RESOURCE);
        int count = count(aSecond, time);
        Receipts receipts = jobs.expect(packets, count);
        double beats = rig.meter().scriptCallsASecond(LULL);
        long refused = rig.load().refused();
        double before = rig.redis().stats().scriptCalls();
        long began = System.nanoTime();
        Pace pace = rig.load().openLoop(Requests.json(Api.PACKETS, count, packets::packet), Jobs.CONNECTIONS, aSecond);
        Histogram latency = sinceLast(packets, receipts, pace, count);
        Thread.sleep(Meter.AFTERMATH.toMillis());
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Run(latency, (rig.redis().stats().scriptCalls() - before - beats * seconds) / count,
                1000.0 * (rig.load().refused() - refused) / count);
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

    private static Result result(String kind, String aof, Rate rate, Histogram latency, Histogram floor) {
        return Result.of(kind + rate.name(), aof).with(Metric.THROUGHPUT, rate.aSecond())
                .with(Metric.OUTCOMES, latency.getTotalCount()).with(latency, Metric.P50, Metric.P99, Metric.P999)
                .with(Metric.P50_TO_FLOOR, Result.millis(latency, 50) / Result.millis(floor, 50))
                .with(Metric.P99_TO_FLOOR, Result.millis(latency, 99) / Result.millis(floor, 99));
    }
}
