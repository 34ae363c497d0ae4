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
 * What a packet's whole job costs as resources have more packets, as payloads are larger, and as more resources are open
 * beforehand. Sizes are measured in turns, each beside the usual one of the same turn. Few and many open resources can not
 * be there in one turn: each measurement has a bare one just before it instead, and what grows is the ratio to that.
 */
final class GrowthScenarios {
    private static final int USUAL_SIZE = 10;
    private static final List<Integer> SIZES = List.of(1, USUAL_SIZE, 1_000, 10_000);
    private static final int FEW_OPEN = 1_000;
    private static final int MANY_OPEN = 100_000;
    private static final int MOST_OPEN = 1_000_000;
    private static final int PACKETS = 20_000;
    /** Of ten kilobytes: the service holds 64 MiB, and refuses what comes beyond. */
    private static final int LARGE_PACKETS = 5_000;
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
        Map<String, Work> works = works();
        for (Work work : works.values()) {
            WarmUp.of(rig, work, WARM_UP);
        }
        for (Aof mode : rig.redis().aofs()) {
            bySize(rig.redis().keep(mode), works);
        }
        WarmUp.of(rig, jobs.bare(PACKETS), WARM_UP);
        open(FEW_OPEN);
        byOpen();
    }

    private static String ofSize(int size) {
        return String.format(Locale.ROOT, "%d packets a resource", size);
    }

    private Map<String, Work> works() {
        Map<String, Work> works = new LinkedHashMap<>();
        SIZES.forEach(size -> works.put(ofSize(size), jobs.wholeJob(PACKETS, size)));
        works.put("10 B a payload", jobs.wholeJob(PACKETS, USUAL_SIZE, Words.TEN_BYTES));
        works.put("10 kB a payload", jobs.wholeJob(LARGE_PACKETS, USUAL_SIZE, Words.TEN_KILOBYTES));
        return works;
    }

    private void bySize(String aof, Map<String, Work> works) throws InterruptedException {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int repeat = 0; repeat < settings.repeats(); repeat++) {
            for (Map.Entry<String, Work> work : works.entrySet()) {
                samples.computeIfAbsent(work.getKey(), first -> new ArrayList<>()).add(rig.meter().of(work.getValue()));
            }
        }
        List<Sample> usual = samples.get(ofSize(USUAL_SIZE));
        samples.forEach((scenario, all) -> {
            List<Double> growth = new ArrayList<>();
            for (int turn = 0; turn < all.size(); turn++) {
                growth.add(all.get(turn).all() / usual.get(turn).all());
            }
            report.add(Report.Table.GROWTH,
                    result(scenario, aof, all).with(Metric.GROWTH, Median.of(growth, it -> it)));
        });
    }

    private void byOpen() throws InterruptedException {
        long fewOpen = rig.redis().open();
        Map<String, List<Pair>> few = pairs();
        open((settings.full() ? MOST_OPEN : MANY_OPEN) - FEW_OPEN);
        long manyOpen = rig.redis().open();
        Map<String, List<Pair>> many = pairs();
        few.forEach((aof, pairs) -> {
            tellOpen(fewOpen, aof, pairs, pairs);
            tellOpen(manyOpen, aof, many.get(aof), pairs);
        });
    }

    /** By how the append-only file is kept. */
    private Map<String, List<Pair>> pairs() throws InterruptedException {
        Work bare = jobs.bare(PACKETS);
        Work work = jobs.wholeJob(PACKETS, USUAL_SIZE);
        Map<String, List<Pair>> pairs = new LinkedHashMap<>();
        for (int repeat = 0; repeat < settings.repeats(); repeat++) {
            for (Aof mode : rig.redis().aofs()) {
                String aof = rig.redis().keep(mode);
                Sample beside = rig.meter().of(bare);
                pairs.computeIfAbsent(aof, first -> new ArrayList<>()).add(new Pair(rig.meter().of(work), beside));
            }
        }
        return pairs;
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

    private void tellOpen(long open, String aof, List<Pair> pairs, List<Pair> few) {
        double ratio = Median.of(pairs, Pair::ratio);
        Result result = result(String.format(Locale.ROOT, "%d open resources", open), aof,
                pairs.stream().map(Pair::sample).toList());
        report.add(Report.Table.GROWTH, result.with(Metric.BARE_CPU, Median.of(pairs, pair -> pair.bare().all()))
                .with(Metric.RATIO, ratio).with(Metric.GROWTH, ratio / Median.of(few, Pair::ratio)));
    }

    private static Result result(String scenario, String aof, List<Sample> samples) {
        return Result.of(scenario, aof).with(Metric.THROUGHPUT, Median.of(samples, Sample::perSecond))
                .with(Metric.SERVICE_CPU, Median.of(samples, Sample::service))
                .with(Metric.REDIS_CPU, Median.of(samples, Sample::redis))
                .with(Metric.CPU, Median.of(samples, Sample::all)).with(Metric.REFUSED, CpuScenarios.refused(samples));
    }
}
