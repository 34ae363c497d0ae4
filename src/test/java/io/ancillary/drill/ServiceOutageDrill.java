package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/**
 * The remote service goes down under load and comes back: nothing that was acknowledged is lost, doubled or failed.
 * Producers send a packet again that was answered with 503, as they should. {@code -Ddrill.outage=300} makes the
 * outage last five minutes; what happens is printed as it does.
 */
class ServiceOutageDrill {
    private static final int OUTAGE_SECONDS = Integer.getInteger("drill.outage", 20);
    private static final int PACKETS_A_SECOND = Integer.getInteger("drill.rate", 200);
    private static final int BEFORE_SECONDS = 5;
    private static final int AFTER_SECONDS = 5;
    private static final int PACKETS_A_RESOURCE = 10;
    private static final int LINE_EVERY_SECONDS = Math.max(2, OUTAGE_SECONDS / 15);

    /** How a service is not there. */
    enum Down {
        REFUSES_CONNECTIONS,
        ANSWERS_503
    }

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(64));
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger turnedAway = new AtomicInteger();
    private final Map<Object, String> outcomes = new ConcurrentHashMap<>();
    private final Set<String> deliveries = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Queue<Integer> again = new ConcurrentLinkedQueue<>();
    private volatile boolean down;
    private int sent;

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @EnumSource
    void losesNothing_whenTheServiceIsDownForAWhile(Down how) {
        HttpServer sink = listen(vertx, this::receive);
        HttpServer service = listen(vertx, this::process);
        int servicePort = service.actualPort();
        try (RedisProcess redis = RedisProcess.start("--appendonly", "yes");
                JarProcess replica = Drills.replica(redis.url(), url(sink),
                        Map.of("ANCILLARY_PACKETS_SERVICE_URL", url(service)), "-Xmx256m")
                        .awaitReady()) {
            System.out.printf("%s for %d s at %d packets/s%n", how, OUTAGE_SECONDS, PACKETS_A_SECOND);
            System.out.printf("%6s %10s %10s %10s %10s %10s%n", "s", "accepted", "503", "answered", "turned away", "resources");
            long producer = vertx.setPeriodic(100, tick -> send(replica.port(), PACKETS_A_SECOND / 10));
            pass(BEFORE_SECONDS);
            down = true;
            if (how == Down.REFUSES_CONNECTIONS) {
                done(service.close());
            }
            System.out.println("       the service is down");
            pass(OUTAGE_SECONDS);
            down = false;
            if (how == Down.REFUSES_CONNECTIONS) {
                done(vertx.createHttpServer().requestHandler(this::process).listen(servicePort, "127.0.0.1"));
            }
            System.out.println("       the service is back");
            long back = System.nanoTime();
            pass(AFTER_SECONDS);
            vertx.cancelTimer(producer);
            int packets = sent - sent % PACKETS_A_RESOURCE;
            long leftOver = vertx.setPeriodic(100, tick -> sendAgain(replica.port(), PACKETS_A_SECOND));
            await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(50))
                    .until(() -> outcomes.size() >= packets / PACKETS_A_RESOURCE);
            vertx.cancelTimer(leftOver);
            System.out.printf(Locale.ROOT, "all caught up %.1f s after it came back; calls a part: %s%n",
                    (System.nanoTime() - back) / 1e9, histogram());

            for (int resource = 0; resource < packets / PACKETS_A_RESOURCE; resource++) {
                assertThat(outcomes.get("r" + resource)).isEqualTo("completed" + expected(resource));
            }
            assertThat(deliveries).hasSameSizeAs(outcomes.keySet());
            assertThat(replica.output()).doesNotContain("ERROR", "\tat ");
        }
    }

    private void pass(int seconds) {
        for (int passed = 0; passed < seconds; passed += LINE_EVERY_SECONDS) {
            int step = Math.min(LINE_EVERY_SECONDS, seconds - passed);
            await().pollDelay(Duration.ofSeconds(step)).atMost(Duration.ofSeconds(step + 10)).until(() -> true);
            System.out.printf("%6d %10d %10d %10d %10d %10d%n", passed + step, accepted.get(), refused.get(), answered.get(),
                    turnedAway.get(), outcomes.size());
        }
    }

    private void send(int port, int packets) {
        int room = packets - sendAgain(port, packets / 2);
        for (int i = 0; i < room; i++) {
            post(port, sent++);
        }
    }

    private int sendAgain(int port, int most) {
        return Drills.sendAgain(again, most, n -> post(port, n));
    }

    private void post(int port, int n) {
        int index = n % PACKETS_A_RESOURCE + 1;
        String packet = new JsonObject().put("resource_id", "r" + n / PACKETS_A_RESOURCE).put("payload", "n" + n)
                .put("packet_index", index).put("last_chunk_flag", index == PACKETS_A_RESOURCE).encode();
        Drills.post(client, port, Api.PACKETS, packet, Drills.PATIENT).onComplete(answer -> {
            if (answer.succeeded() && answer.result().statusCode() == 202) {
                accepted.incrementAndGet();
            } else {
                refused.incrementAndGet();
                vertx.setTimer(1000, timer -> again.add(n));
            }
        });
    }

    private void process(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            calls.merge(request.getHeader("Idempotency-Key"), 1, Integer::sum);
            if (down) {
                turnedAway.incrementAndGet();
                request.response().setStatusCode(503).end();
            } else {
                answered.incrementAndGet();
                request.response().end("[\"" + body.toJsonObject().getString("payload") + "\"]");
            }
        });
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            JsonObject outcome = body.toJsonObject();
            deliveries.add(request.getHeader("webhook-id"));
            outcomes.put(outcome.getValue("resource_id"),
                    outcome.getString("status") + outcome.getJsonArray("output").encode());
            request.response().end();
        });
    }

    private static String expected(int resource) {
        StringBuilder output = new StringBuilder("[");
        for (int i = 0; i < PACKETS_A_RESOURCE; i++) {
            output.append(i > 0 ? "," : "").append("\"n").append(resource * PACKETS_A_RESOURCE + i).append('"');
        }
        return output.append(']').toString();
    }

    private Map<Integer, Integer> histogram() {
        Map<Integer, Integer> parts = new java.util.TreeMap<>();
        calls.values().forEach(count -> parts.merge(count, 1, Integer::sum));
        return parts;
    }
}
