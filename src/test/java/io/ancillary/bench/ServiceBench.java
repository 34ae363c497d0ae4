package io.ancillary.bench;

import org.junit.jupiter.api.Test;

/**
 * Measures the packaged service: {@code ./mvnw verify -Pbench}; {@link Settings} says what can be chosen. Speed is
 * measured and never asserted. What is asserted is that each output is right: a fast wrong answer fails the run.
 */
class ServiceBench {
    private final Settings settings = Settings.ofThisRun();
    private final Report report = new Report(settings);

    @Test
    void measures() throws Exception {
        // Over those of the run before, should this one not come to its end.
        report.write();
        try {
            measureAll();
            report.succeeded();
        } catch (Exception | AssertionError e) {
            report.failed(e);
            throw e;
        } finally {
            report.print();
            report.write();
        }
    }

    /** Each on a service and a Redis of its own, where no other has left anything open. */
    private void measureAll() throws InterruptedException {
        CpuScenarios cpu = new CpuScenarios(settings, report);
        MemoryScenarios memory = new MemoryScenarios(report);
        if (settings.wants("intake")) {
            on(Rig.withheld(settings), cpu::measureIntake);
        }
        if (settings.wants("memory")) {
            on(Rig.withheld(settings), memory::measureOpenPackets);
        }
        if (settings.wantsAny(CpuScenarios.WHOLE_JOBS)) {
            on(Rig.start(settings), cpu::measureWholeJobs);
        }
        if (settings.wants("latency")) {
            on(Rig.start(settings), rig -> new LatencyScenarios(settings, report, rig).measure());
        }
        if (settings.wants("growth")) {
            on(Rig.start(settings), rig -> new GrowthScenarios(settings, report, rig).measure());
        }
        if (settings.wants("memory")) {
            on(Rig.start(settings), memory::measureOpenResources);
            on(Rig.start(settings), memory::measureFinished);
        }
    }

    private interface Scenario {
        void measure(Rig rig) throws InterruptedException;
    }

    private void on(Rig rig, Scenario scenario) throws InterruptedException {
        try (rig) {
            report.of(rig);
            scenario.measure(rig);
            rig.awaitQuiet();
        }
    }
}
