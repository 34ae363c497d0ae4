package io.ancillary.bench;

import java.util.List;

import org.junit.jupiter.api.Test;

import io.ancillary.bench.Redis.Aof;

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
        // A Redis that was given is what it is.
        for (Aof aof : settings.redis().isPresent() ? List.of(Aof.EVERYSEC) : List.of(Aof.values())) {
            new CpuScenarios(settings, report).measure(aof);
        }
    }
}
