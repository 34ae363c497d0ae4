package io.ancillary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;

/**
 * The whole job (accept, process, collate, deliver) beside an endpoint of the same service that only reads and
 * judges the same body, and a session's whole job, each with a callback of its own. CPU is that of the service and of Redis;
 * the load generator and the receiver, which
 * share the machine, are not counted. Each output is checked: a fast wrong answer is a failure.
 */
class WholeJobBench {
    private static final int PACKETS = Integer.getInteger("bench.packets", 200_000);
    private static final int PACKETS_A_RESOURCE = 10;
    /** 100 bytes: ten words of nine letters. */
    private static final String PAYLOAD = "ninechars ".repeat(9) + "tencharsss";
    private static final String OUTPUT = "[" + ("9,".repeat(9) + "10,").repeat(PACKETS_A_RESOURCE).replaceAll(",$", "]");

    private final Vertx vertx = Vertx.vertx();
    private final Set<Object> delivered = ConcurrentHashMap.newKeySet();
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
            load.send("/bench/bare", PACKETS / 2, n -> packet("w", n));
            job(load, "w", PACKETS / 2);

            Figures bare = meter.of(() -> load.send("/bench/bare", PACKETS, n -> packet("b", n)));
            print(appendOnly, "bare", bare, bare);
            print(appendOnly, "whole job", meter.of(() -> job(load, "j", PACKETS)), bare);
            sessions(load, receiverPort, PACKETS / 4);
            print(appendOnly, "session", meter.of(() -> sessions(load, receiverPort, PACKETS)), bare);
        }
    }

    private void job(Load load, String prefix, int packets) throws InterruptedException {
        int before = delivered.size();
        load.send("/api/v1/ancillary/packet/send-data", packets, n -> packet(prefix, n));
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

    private static Buffer packet(String prefix, int n) {
        int index = n % PACKETS_A_RESOURCE + 1;
        return Buffer.buffer("{\"resource_id\":\"" + prefix + n / PACKETS_A_RESOURCE + "\",\"payload\":\"" + PAYLOAD
                + "\",\"packet_index\":" + index + ",\"last_chunk_flag\":" + (index == PACKETS_A_RESOURCE) + "}");
    }

    private void decide(String id, Buffer body) {
        if (!body.toJsonObject().getString("status").equals("invalid")) {
            wrong = body.toString();
        }
        decided.add(id);
    }

    private void receive(Buffer body) {
        JsonObject outcome = body.toJsonObject();
        if (!outcome.getJsonArray("output").encode().equals(OUTPUT)) {
            wrong = body.toString();
        }
        delivered.add(outcome.getValue("resource_id"));
    }

    private static void print(String appendOnly, String what, Figures figures, Figures bare) {
        System.out.printf(Locale.ROOT, "%-12s %-10s %10.0f %10.1f %10.1f %10.1f %8.2f%n",
                appendOnly.equals("yes") ? "everysec" : "off", what, figures.perSecond(), figures.service(),
                figures.redis(), figures.all(), figures.all() / bare.all());
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private record Meter(ProcessCpu service, ProcessCpu redis) {

        Meter(long service, long redis) {
            this(new ProcessCpu(service), new ProcessCpu(redis));
        }

        Figures of(Work work) throws InterruptedException {
            long serviceBefore = service.micros();
            long redisBefore = redis.micros();
            long began = System.nanoTime();
            work.run();
            double seconds = (System.nanoTime() - began) / 1e9;
            return new Figures(PACKETS / seconds, (service.micros() - serviceBefore) / (double) PACKETS,
                    (redis.micros() - redisBefore) / (double) PACKETS);
        }
    }

    private record Figures(double perSecond, double service, double redis) {

        double all() {
            return service + redis;
        }
    }
}
