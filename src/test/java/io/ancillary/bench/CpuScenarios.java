package io.ancillary.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntFunction;

import org.HdrHistogram.Histogram;

import io.ancillary.bench.Redis.Aof;

/**
 * What work costs at saturation: CPU of the service and of Redis for each packet or session, as a ratio to an endpoint of
 * the same service that reads and judges the same body and keeps nothing of it. Each measurement has such a bare one just
 * before it, in the same process; told are the median of what those cost and the median of the ratios, which is close to
 * the ratio of the medians and need not be it. CPU of the load generator and the receiver, which share the machine, is not
 * counted.
 */
final class CpuScenarios {
    static final List<String> WHOLE_JOBS = List.of("bare", "bareExpress", "wholeJob", "bulk", "bulk2", "singles", "sessions");
    private static final String BARE = "bare";
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(30);
    private static final Duration WARM_UP = Duration.ofSeconds(60);

    private final Settings settings;
    private final Report report;

    CpuScenarios(Settings settings, Report report) {
        this.settings = settings;
        this.report = report;
    }

    /** Of a rig that goes no further: what is counted is accepting alone, with keeping what waits in memory. */
    void measureIntake(Rig withheld) throws InterruptedException {
        measure(withheld, Map.of("intake", new Jobs(withheld)::intake), false);
    }

    void measureWholeJobs(Rig rig) throws InterruptedException {
        Jobs jobs = new Jobs(rig);
        Map<String, IntFunction<Work>> works = new LinkedHashMap<>();
        works.put("bareExpress", jobs::bareExpress);
        works.put("wholeJob", packets -> jobs.wholeJob(packets, 10));
        works.put("bulk", packets -> jobs.bulk(packets, 1));
        works.put("bulk2", packets -> jobs.bulk(packets, 2));
        works.put("singles", packets -> jobs.wholeJob(packets / 3, 1));
        works.put("sessions", packets -> jobs.sessions(packets / 3));
        works.keySet().removeIf(name -> !settings.wants(name));
        measure(rig, works, true);
    }

    private void measure(Rig rig, Map<String, IntFunction<Work>> scenarios, boolean tellBare) throws InterruptedException {
        Work bare = new Jobs(rig).bare(settings.packets());
        WarmUp.of(rig, bare, FIRST_WARM_UP);
        for (IntFunction<Work> work : scenarios.values()) {
            WarmUp.of(rig, work.apply(settings.packets()), WARM_UP);
        }
        Map<String, Map<String, List<Pair>>> pairs = new LinkedHashMap<>();
        for (int repeat = 1; repeat <= settings.repeats(); repeat++) {
            for (Aof mode : rig.redis().aofs()) {
                String aof = rig.redis().keep(mode);
                Map<String, List<Pair>> byScenario = pairs.computeIfAbsent(aof, first -> new LinkedHashMap<>());
                for (Map.Entry<String, IntFunction<Work>> scenario : withBare(scenarios, bare).entrySet()) {
                    String name = scenario.getKey();
                    Sample beside = rig.meter().of(bare);
                    Sample sample = recorded(rig, name + "-" + aof + "-" + repeat,
                            scenario.getValue().apply(settings.packets()));
                    byScenario.computeIfAbsent(name, first -> new ArrayList<>()).add(new Pair(sample, beside));
                }
            }
        }
        tell(rig, pairs, tellBare);
    }

    /** Alone, when nothing else is to be measured. */
    private static Map<String, IntFunction<Work>> withBare(Map<String, IntFunction<Work>> scenarios, Work bare) {
        return scenarios.isEmpty() ? Map.of(BARE, packets -> bare) : scenarios;
    }

    /** Memory is that of a process that has done all of it. */
    private void tell(Rig rig, Map<String, Map<String, List<Pair>>> pairs, boolean tellBare) {
        Jcmd.call(rig.servicePid(), "GC.run");
        double heap = rig.meter().metrics().heapBytes();
        double resident = new ProcessMemory(rig.servicePid()).residentBytes();
        pairs.forEach((aof, byScenario) -> {
            List<Result> results = new ArrayList<>();
            if (tellBare) {
                results.add(told(BARE, aof, byScenario.values().stream().flatMap(List::stream).map(Pair::bare).toList()));
            }
            byScenario.forEach((name, all) -> {
                if (!name.equals(BARE)) {
                    results.add(withRatio(told(name, aof, all.stream().map(Pair::sample).toList()), all));
                }
            });
            results.forEach(result -> report.add(Report.Table.CPU,
                    result.with(Metric.HEAP, heap / 1e6).with(Metric.RESIDENT, resident / 1e6)));
        });
    }

    private Sample recorded(Rig rig, String name, Work work) throws InterruptedException {
        if (!settings.profile()) {
            return rig.meter().of(work);
        }
        Jcmd.call(rig.servicePid(), "JFR.start", "name=bench", "settings=profile");
        Sample sample = rig.meter().of(work);
        Jcmd.call(rig.servicePid(), "JFR.stop", "name=bench", "filename=" + Settings.DIRECTORY.resolve(name + ".jfr"));
        return sample;
    }

    private static Result told(String scenario, String aof, List<Sample> samples) {
        Histogram latency = new Histogram(3);
        samples.forEach(sample -> latency.add(sample.latency()));
        return Result.of(scenario, aof).with(Metric.THROUGHPUT, Median.of(samples, Sample::perSecond))
                .with(latency, Metric.REQUEST_P50, Metric.REQUEST_P99, Metric.REQUEST_P999)
                .with(Metric.SERVICE_CPU, Median.of(samples, Sample::service))
                .with(Metric.REDIS_CPU, Median.of(samples, Sample::redis))
                .with(Metric.CPU, Median.of(samples, Sample::all))
                .with(Metric.SCRIPT_CALLS, Median.of(samples, it -> it.scriptCalls() / it.things()))
                .with(Metric.REFUSED, refused(samples))
                .with(Metric.ALLOCATED, Median.of(samples, it -> it.allocatedBytes() / it.things() / 1000));
    }

    /** Of all: a median would hide what is rare. */
    static double refused(List<Sample> samples) {
        return 1000.0 * samples.stream().mapToLong(Sample::refused).sum() / samples.stream().mapToInt(Sample::things).sum();
    }

    private static Result withRatio(Result result, List<Pair> pairs) {
        OptionalDouble least = pairs.stream().mapToDouble(Pair::ratio).min();
        OptionalDouble most = pairs.stream().mapToDouble(Pair::ratio).max();
        return result.with(Metric.BARE_CPU, Median.of(pairs, pair -> pair.bare().all()))
                .with(Metric.RATIO, Median.of(pairs, Pair::ratio)).with(Metric.RATIO_LEAST, least.orElseThrow())
                .with(Metric.RATIO_MOST, most.orElseThrow());
    }
}
