package io.ancillary.bench;

import java.time.Duration;

import org.HdrHistogram.Histogram;

import io.ancillary.testsupport.JarProcess;

/** How fast a service does what it does, and what that costs the service and Redis. */
final class Meter {
    /** What is still to be settled after the last webhook belongs to what is measured, though not to how long it took. */
    static final Duration AFTERMATH = Duration.ofMillis(100);

    private final JarProcess service;
    private final Redis redis;
    private final Load load;
    private final ProcessCpu cpu;

    Meter(JarProcess service, Redis redis, Load load) {
        this.service = service;
        this.redis = redis;
        this.load = load;
        this.cpu = new ProcessCpu(service.pid());
    }

    Sample of(Work work) throws InterruptedException {
        long keptBefore = work.kept() ? redis.journalled() : 0;
        long refusedBefore = load.refused();
        double allocatedBefore = metrics().allocatedBytes();
        Redis.Stats redisBefore = redis.stats();
        long serviceBefore = cpu.micros();
        long began = System.nanoTime();
        Histogram latency = work.run();
        double seconds = (System.nanoTime() - began) / 1e9;
        Thread.sleep(AFTERMATH.toMillis());
        long serviceAfter = cpu.micros();
        Redis.Stats redisAfter = redis.stats();
        double allocatedAfter = metrics().allocatedBytes();
        if (work.kept()) {
            checkKept(work.things(), redis.journalled() - keptBefore);
        }
        return new Sample(work.things(), seconds, serviceAfter - serviceBefore,
                redisAfter.cpuMicros() - redisBefore.cpuMicros(), redisAfter.scriptCalls() - redisBefore.scriptCalls(),
                allocatedAfter - allocatedBefore, load.refused() - refusedBefore, latency);
    }

    private static void checkKept(long acknowledged, long kept) {
        if (kept != acknowledged) {
            throw new AssertionError(acknowledged + " packets were acknowledged, and the journal has " + kept + " more");
        }
    }

    /** How often Redis is called when nothing comes, as by a replica's heartbeats. */
    double scriptCallsASecond(Duration lull) throws InterruptedException {
        double before = redis.stats().scriptCalls();
        long began = System.nanoTime();
        Thread.sleep(lull.toMillis());
        return (redis.stats().scriptCalls() - before) / ((System.nanoTime() - began) / 1e9);
    }

    ServiceMetrics metrics() {
        return ServiceMetrics.read(service.management("/q/metrics"));
    }
}
