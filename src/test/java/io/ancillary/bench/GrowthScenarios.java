package io.ancillary.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.ancillary.bench.Packets.Words;
import io.ancillary.bench.Redis.Aof;

/**
 * What a packet's whole job costs, as resources have more packets, and as more resources are open beforehand: each figure
 * beside the one for the fewest.
 */
final class GrowthScenarios {
    private static final List<Integer> SIZES = List.of(10, 1_000, 10_000);
    private static final int USUAL_SIZE = SIZES.get(0);
    private static final int FEW_OPEN = 1_000;
    private static final int MANY_OPEN = 100_000;
    private static final int MOST_OPEN = 1_000_000;
    private static final int PACKETS = 20_000;
    private static final Duration WARM_UP = Duration.ofSeconds(8);

    private final Settings settings;
    private final Report report;
    private final Rig rig;
    private final Jobs jobs;

    GrowthScenarios(Settings settings, Report report, Rig rig) {
        this.settings = settings;
        this.report = report;
        this.rig = rig;
        this.jobs = new Jobs(rig);
    }

    void measure() throws InterruptedException {
        for (int size : SIZES) {
            WarmUp.of(rig, jobs.wholeJob(PACKETS, size), WARM_UP);
        }
        for (Aof mode : rig.redis().aofs()) {
            bySize(rig.redis().keep(mode));
        }
        open(FEW_OPEN);
        Map<String, List<Sample>> few = samples();
        int many = settings.full() ? MOST_OPEN : MANY_OPEN;
        open(many - FEW_OPEN);
        Map<String, List<Sample>> more = samples();
        few.forEach((aof, all) -> {
            tell(openResources(FEW_OPEN), aof, all, 1);
            tell(openResources(many), aof, more.get(aof),
                    Median.of(more.get(aof), Sample::all) / Median.of(all, Sample::all));
        });
    }

    /** In turns, each beside the fewest of the same turn. */
    private void bySize(String aof) throws InterruptedException {
        Map<Integer, List<Sample>> samples = new LinkedHashMap<>();
        for (int repeat = 0; repeat < settings.repeats(); repeat++) {
            for (int size : SIZES) {
                samples.computeIfAbsent(size, first -> new ArrayList<>())
                        .add(rig.meter().of(jobs.wholeJob(PACKETS, size)));
            }
        }
        List<Sample> fewest = samples.get(USUAL_SIZE);
        samples.forEach((size, all) -> {
            List<Double> growth = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                growth.add(all.get(i).all() / fewest.get(i).all());
            }
            tell(String.format(Locale.ROOT, "%d packets a resource", size), aof, all, Median.of(growth, it -> it));
        });
    }

    /** By how the append-only file is kept. */
    private Map<String, List<Sample>> samples() throws InterruptedException {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int repeat = 0; repeat < settings.repeats(); repeat++) {
            for (Aof mode : rig.redis().aofs()) {
                String aof = rig.redis().keep(mode);
                samples.computeIfAbsent(aof, first -> new ArrayList<>())
                        .add(rig.meter().of(jobs.wholeJob(PACKETS, USUAL_SIZE)));
            }
        }
        return samples;
    }

    /** Opens so many more resources, each with one packet that is collated. */
    private void open(int resources) throws InterruptedException {
        int left = resources;
        while (left > 0) {
            int next = Math.min(left, 1_000);
            jobs.accept(Packets.open(Jobs.newPrefix(), 1, Words.HUNDRED_BYTES), next);
            left -= next;
        }
        MemoryScenarios.awaitCollated(rig);
    }

    private static String openResources(int count) {
        return String.format(Locale.ROOT, "%d open resources", count);
    }

    private void tell(String scenario, String aof, List<Sample> samples, double growth) {
        report.add(Report.Table.GROWTH, Result.of(scenario, aof)
                .with(Metric.THROUGHPUT, Median.of(samples, Sample::perSecond))
                .with(Metric.SERVICE_CPU, Median.of(samples, Sample::service))
                .with(Metric.REDIS_CPU, Median.of(samples, Sample::redis))
                .with(Metric.CPU, Median.of(samples, Sample::all)).with(Metric.GROWTH, growth));
    }
}
