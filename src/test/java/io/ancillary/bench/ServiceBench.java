package io.ancillary.bench;

import java.util.List;

import org.junit.jupiter.api.Test;

/**
 * Measures the packaged service: {@code ./mvnw verify -Pbench}; {@link Settings} says what can be chosen. Speed is
 * measured and never asserted. What is asserted is that each output is right: a fast wrong answer fails the run.
 */
class ServiceBench {
    private final Settings settings = Settings.ofThisRun();
    private final Report report = new Report();

    @Test
    void measures() throws Exception {
        try {
            measureAll();
        } finally {
            report.print();
            report.write();
        }
    }

    private void measureAll() throws InterruptedException {
        CpuScenarios cpu = new CpuScenarios(settings, report);
        MemoryScenarios memory = new MemoryScenarios(report);
        if (settings.wantsAny(List.of("intake", "memory"))) {
            try (Rig withheld = Rig.withheld(settings)) {
                if (settings.wants("intake")) {
                    cpu.measureIntake(withheld);
                }
                if (settings.wants("memory")) {
                    memory.measureOpenPackets(withheld);
                }
                withheld.awaitQuiet();
            }
        }
        try (Rig rig = Rig.start(settings)) {
            report.redisVersion(rig.redis().stats().version());
            if (settings.wantsAny(CpuScenarios.WHOLE_JOBS)) {
                cpu.measureWholeJobs(rig);
            }
            if (settings.wants("latency")) {
                new LatencyScenarios(settings, report, rig).measure();
            }
            if (settings.wants("memory")) {
                memory.measureOpenResources(rig);
            }
            // Last, since what it leaves open stays so.
            if (settings.wants("growth")) {
                new GrowthScenarios(settings, report, rig).measure();
            }
            rig.awaitQuiet();
        }
    }
}
