package io.ancillary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.Test;

import io.ancillary.bench.Meter.Figures;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;

/**
 * The whole job (accept, process, collate, deliver) beside an endpoint of the same service that only reads and
 * judges the same body, and a session's whole job, each with a callback of its own. CPU is that of the service and of Redis;
 * the load generator and the receiver, which
 * share the machine, are not counted. Each output is checked: a fast wrong answer is a failure.
 */
class WholeJobBench {
    private static final int PACKETS = Integer.getInteger("bench.packets", 200_000);
    private static final int PACKETS_A_RESOURCE = 10;

    private final Vertx vertx = Vertx.vertx();
    private final Set<String> delivered = ConcurrentHashMap.newKeySet();
    private final Set<String> decided = ConcurrentHashMap.newKeySet();
    private volatile String wrong = "";

    @Test
    void measuresTheWholeJobBesideABareEndpoint() throws Exception {
        HttpServer receiver = vertx.createHttpServer().requestHandler(request -> request.body().onSuccess(body -> {
            if (body.getByte(2) == 's') {
                decide(request.getHeader("webhook-id"), body);
            } else {
                receive(body);
            }
            request.response().end();
        })).listen(0).toCompletionStage().toCompletableFuture().get();
        System.out.printf("%-12s %-10s %10s %10s %10s %10s %8s%n", "AOF", "what", "packets/s", "service µs", "redis µs",
                "all µs", "ratio");
        measure(receiver.actualPort(), "no");
        measure(receiver.actualPort(), "yes");
        vertx.close();
    }

    /** Bounded like everything here; one process each, so that each begins as fresh as the other. */
    private void measure(int receiverPort, String appendOnly) throws Exception {
        try (RedisProcess redis = RedisProcess.start("--appendonly", appendOnly);
                JarProcess service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(),
                        "ANCILLARY_WEBHOOK_URL", callback(receiverPort),
                        "ANCILLARY_CALLBACKS_ALLOWED_HOSTS", "localhost"), "-Xmx1g").awaitReady();
                Load load = new Load(vertx, service.port())) {
            Meter meter = new Meter(service.pid(), redis.pid());
            delivered.clear();
            load.send("/bench/bare", PACKETS / 2, packets("w")::packet);
            job(load, "w", PACKETS / 2);

            Figures bare = meter.of(PACKETS, () -> load.send("/bench/bare", PACKETS, packets("b")::packet));
            print(appendOnly, "bare", bare, bare);
            print(appendOnly, "whole job", meter.of(PACKETS, () -> job(load, "j", PACKETS)), bare);
            sessions(load, receiverPort, PACKETS / 4);
            print(appendOnly, "session", meter.of(PACKETS, () -> sessions(load, receiverPort, PACKETS)), bare);
        }
    }

    private void job(Load load, String prefix, int packets) throws InterruptedException {
        int before = delivered.size();
        load.send("/api/v1/ancillary/packet/send-data", packets, packets(prefix)::packet);
        await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(10))
                .until(() -> delivered.size() - before == packets / PACKETS_A_RESOURCE);
        assertThat(wrong).isEmpty();
    }

    private void sessions(Load load, int receiverPort, int sessions) throws InterruptedException {
        int before = decided.size();
        Buffer request = Buffer.buffer("{\"station_id\":\"123e4567-e89b-12d3-a456-426614174000\",\"driver_token\":"
                + "\"driver-token-nobody-knows\",\"callback_url\":\"" + callback(receiverPort) + "\"}");
        load.send("/charge_point/session", sessions, n -> request);
        await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(10))
                .until(() -> decided.size() - before == sessions);
        assertThat(wrong).isEmpty();
    }

    private static String callback(int receiverPort) {
        return "http://localhost:" + receiverPort + "/";
    }

    private static Packets packets(String prefix) {
        return new Packets(prefix, PACKETS_A_RESOURCE);
    }

    private void decide(String id, Buffer body) {
        if (!body.toJsonObject().getString("status").equals("invalid")) {
            wrong = body.toString();
        }
        decided.add(id);
    }

    private void receive(Buffer body) {
        String id = body.toJsonObject().getString("resource_id");
        if (packets(id.substring(0, 1)).resourceOf(body.toString()) < 0) {
            wrong = body.toString();
        }
        delivered.add(id);
    }

    private static void print(String appendOnly, String what, Figures figures, Figures bare) {
        System.out.printf(Locale.ROOT, "%-12s %-10s %10.0f %10.1f %10.1f %10.1f %8.2f%n",
                appendOnly.equals("yes") ? "everysec" : "off", what, figures.perSecond(), figures.service(),
                figures.redis(), figures.all(), figures.all() / bare.all());
    }
}
