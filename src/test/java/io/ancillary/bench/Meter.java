package io.ancillary.bench;

import java.time.Duration;

import org.HdrHistogram.Histogram;

import io.ancillary.testsupport.JarProcess;

/** How fast a service does what it does, and what that costs the service and Redis. */
final class Meter {
    /** What is still to be settled after the last webhook belongs to what is measured, though not to how long it took. */
    private static final Duration AFTERMATH = Duration.ofMillis(100);

    private final JarProcess service;
    private final Redis redis;
    private final ProcessCpu cpu;

    Meter(JarProcess service, Redis redis) {
        this.service = service;
        this.redis = redis;
        this.cpu = new ProcessCpu(service.pid());
    }

    Sample of(Work work) throws InterruptedException {
        double allocatedBefore = metrics().allocatedBytes();
        Redis.Stats redisBefore = redis.stats();
        long serviceBefore = cpu.micros();
        long began = System.nanoTime();
        Histogram latency = work.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        Thread.sleep(AFTERMATH.toMillis());
        long serviceAfter = cpu.micros();
        Redis.Stats redisAfter = redis.stats();
        return new Sample(work.things(), seconds, serviceAfter - serviceBefore,
                redisAfter.cpuMicros() - redisBefore.cpuMicros(), redisAfter.scriptCalls() - redisBefore.scriptCalls(),
                metrics().allocatedBytes() - allocatedBefore, latency);
    }

    ServiceMetrics metrics() {
        return ServiceMetrics.read(service.management("/q/metrics"));
    }
}
