package io.ancillary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.bench.Meter.Figures;
import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.LightReceiver;
import io.ancillary.testsupport.LightReceiver.Webhook;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;

/**
 * How long after a resource's last packet its webhook begins to come, at two rates, and how many webhooks a second there
 * can be. Packets are sent when they are due, whether or not earlier ones were answered, and time counts from then: what
 * had to wait for others, here as in the service, is in it. Each outcome is checked: a fast wrong answer is a failure.
 */
class DeliveryBench {
    private static final int PACKETS_A_RESOURCE = 10;
    private static final Duration LATENCY_FOR = Duration.ofSeconds(30);
    private static final Duration LATENCY_WARM_UP = Duration.ofSeconds(5);
    private static final int WARM_UP_PACKETS = 100_000;
    private static final int WARM_UP_SINGLES = 50_000;
    private static final Duration SATURATED_FOR = Duration.ofSeconds(10);
    private static final String FSYNC = "everysec";

    private final Vertx vertx = Vertx.vertx();
    private final Map<Integer, Long> arrivals = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile Packets now = new Packets("none", 1);

    @AfterEach
    void stop() {
        vertx.close();
    }

    @Test
    void measuresDeliveries() throws Exception {
        System.out.printf("%n%-12s %9s %9s %9s %9s %9s %9s%n", "appendfsync", "packets/s", "outcomes", "p50 ms", "p99 ms",
                "p99.9 ms", "max ms");
        try (RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", FSYNC);
                LightReceiver receiver = LightReceiver.start(this::receive);
                JarProcess service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL",
                        receiver.url()), "-Xmx1g").awaitReady();
                Load load = new Load(vertx, service.port())) {
            deliver(load, new Packets("warm", PACKETS_A_RESOURCE), WARM_UP_PACKETS);
            measureLatency(load, 100);
            measureLatency(load, 1000);
            saturate(load, new Meter(service.pid(), redis.pid()));
        }
        assertThat(wrong).isEmpty();
    }

    private void measureLatency(Load load, int aSecond) throws InterruptedException {
        paced(load, aSecond, "w" + aSecond + "-", LATENCY_WARM_UP);
        Histogram latency = paced(load, aSecond, "l" + aSecond + "-", LATENCY_FOR);
        System.out.printf(Locale.ROOT, "%-12s %9d %9d %9.2f %9.2f %9.2f %9.2f%n", FSYNC, aSecond, latency.getTotalCount(),
                millis(latency, 50), millis(latency, 99), millis(latency, 99.9), millis(latency, 100));
    }

    /** From when the last packet of a resource was due to the first byte of its webhook. */
    private Histogram paced(Load load, int aSecond, String prefix, Duration time) throws InterruptedException {
        Packets packets = new Packets(prefix, PACKETS_A_RESOURCE);
        int count = (int) (aSecond * time.toSeconds());
        now = packets;
        arrivals.clear();
        Pace pace = Pace.fromNow(aSecond);
        load.send(Api.PACKETS, count, packets::packet, pace);
        awaitDelivered(count / PACKETS_A_RESOURCE);
        Histogram latency = new Histogram(3);
        for (int resource = 0; resource < count / PACKETS_A_RESOURCE; resource++) {
            latency.recordValue(Math.max(0, arrivals.get(resource) - pace.due(packets.last(resource))));
        }
        return latency;
    }

    private static double millis(Histogram latency, double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }

    /** As many as can be done in that time, as it seems from the warm-up; time counts until the last is delivered. */
    private void saturate(Load load, Meter meter) throws InterruptedException {
        double before = meter.of(WARM_UP_SINGLES, () -> deliver(load, new Packets("v", 1), WARM_UP_SINGLES)).perSecond();
        int count = (int) (before * SATURATED_FOR.toSeconds());
        Figures figures = meter.of(count, () -> deliver(load, new Packets("s", 1), count));
        System.out.printf("%n%-12s %9s %12s %10s %10s %10s%n", "appendfsync", "outcomes", "outcomes/s", "service µs",
                "redis µs",
                "all µs");
        System.out.printf(Locale.ROOT, "%-12s %9d %12.0f %10.1f %10.1f %10.1f%n", FSYNC, count, figures.perSecond(),
                figures.service(), figures.redis(), figures.all());
    }

    private void deliver(Load load, Packets packets, int count) throws InterruptedException {
        now = packets;
        arrivals.clear();
        load.send(Api.PACKETS, count, packets::packet);
        awaitDelivered(count / packets.aResource());
    }

    private void awaitDelivered(int resources) {
        await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(10)).until(() -> arrivals.size() == resources);
    }

    private void receive(Webhook webhook) {
        int resource = now.resourceOf(webhook.body());
        if (resource < 0 || arrivals.putIfAbsent(resource, webhook.firstByteNanos()) != null) {
            wrong.add(webhook.body());
        }
    }
}
