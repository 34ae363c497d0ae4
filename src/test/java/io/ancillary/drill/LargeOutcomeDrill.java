package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.Wire;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;

/**
 * One resource of a hundred thousand packets, whose outcome is some tens of megabytes: it is delivered whole, by a replica
 * with a small heap, while others are delivered beside it; and one that is larger than may be is a dead letter that says
 * so.
 */
class LargeOutcomeDrill {
    private static final int PACKETS = Integer.getInteger("drill.packets", 100_000);
    private static final int WORDS = 150;
    private static final int CONNECTIONS = 64;
    private static final int MOST_BODY = 40 * 1024 * 1024;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String LARGE = "large";
    private static final String TOO_LARGE = "too-large";

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Vertx receiver = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient wires = vertx.createNetClient();
    private final RedisProcess redis = RedisProcess.start();
    private final Map<String, Buffer> outcomes = new ConcurrentHashMap<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger next = new AtomicInteger();

    @AfterEach
    void stop() {
        done(vertx.close());
        done(receiver.close());
        redis.close();
    }

    @Test
    void deliversItWhole_fromASmallHeap() {
        String webhook = url(listen(receiver, this::receive));
        Map<String, String> environment = Map.of("ANCILLARY_OPERATOR_TOKEN", Api.OPERATOR_TOKEN,
                "ANCILLARY_WEBHOOK_SIGNING_SECRETS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "ANCILLARY_DELIVERY_MAX_BODY", String.valueOf(MOST_BODY));
        try (JarProcess replica = Drills.awaitStarted(Drills.replica(redis.url(), webhook, environment, "-Xmx160m"))) {
            post(replica, LARGE, PACKETS, WORDS);
            long last = System.nanoTime();
            awaitOutcome(LARGE);
            double seconds = (System.nanoTime() - last) / 1e9;
            int length = outcomes.get(LARGE).length();
            assertThat(outcomes.get(LARGE).toString()).isEqualTo(expected(LARGE, PACKETS, WORDS));

            post(replica, TOO_LARGE, 10_000, 2500);
            await().atMost(PATIENCE).until(() -> stateOf(replica).getString("status").equals("dead"));
            post(replica, "small", 1, 1);
            awaitOutcome("small");

            System.out.printf(Locale.ROOT, "%d packets: %.1f MB delivered %.1f s after the last was acknowledged; heap at most "
                    + "160 MB, RSS %.0f MB%n", PACKETS, length / 1e6, seconds, Drills.residentMegabytes(replica.pid()));
            assertThat(outcomes).doesNotContainKey(TOO_LARGE);
            assertThat(deliveryOf(replica).getString("last_error"))
                    .isEqualTo("the outcome is larger than " + MOST_BODY + " bytes, and no larger one is delivered");
        }
    }

    private void awaitOutcome(String resource) {
        await().atMost(PATIENCE).until(() -> outcomes.containsKey(resource));
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            outcomes.merge(resourceOf(body), body, (before, again) -> {
                throw new IllegalStateException("came twice");
            });
            request.response().end();
        });
    }

    private static String resourceOf(Buffer body) {
        String head = body.getString(0, Math.min(100, body.length()));
        return head.substring(head.indexOf(":\"") + 2, head.indexOf("\","));
    }

    /** Over all connections, each one packet at a time, the last index first; those turned away are sent again. */
    private void post(JarProcess replica, String resource, int packets, int words) {
        acknowledged.set(0);
        next.set(packets);
        String payload = String.join(" ", IntStream.range(0, words).mapToObj(i -> "w").toList());
        IntStream.range(0, Math.min(CONNECTIONS, packets))
                .forEach(i -> Wire.connect(wires, replica.port(), Api.PACKETS)
                        .onSuccess(wire -> take(wire, resource, packets, payload)));
        await().atMost(PATIENCE).until(() -> acknowledged.get() == packets);
    }

    private void take(Wire wire, String resource, int packets, String payload) {
        int index = next.getAndDecrement();
        if (index > 0) {
            send(wire, resource, packets, payload, index);
        }
    }

    private void send(Wire wire, String resource, int packets, String payload, int index) {
        String json = "{\"resource_id\":\"" + resource + "\",\"payload\":\"" + payload + "\",\"packet_index\":" + index
                + ",\"last_chunk_flag\":" + (index == packets) + "}";
        wire.post(json, answer -> {
            if (answer.status() == 202) {
                acknowledged.incrementAndGet();
                take(wire, resource, packets, payload);
            } else {
                vertx.setTimer(100, later -> send(wire, resource, packets, payload, index));
            }
        });
    }

    private static String expected(String resource, int packets, int words) {
        String output = String.join(",", IntStream.range(0, words).mapToObj(i -> "1").toList());
        StringBuilder json = new StringBuilder(
                "{\"resource_id\":\"" + resource + "\",\"status\":\"completed\",\"packet_count\":"
                        + packets + ",\"output\":[" + output);
        IntStream.range(1, packets).forEach(i -> json.append(',').append(output));
        return json.append("]}").toString();
    }

    private static JsonPath stateOf(JarProcess replica) {
        return RestAssured.get(replica.uri("/api/v1/ancillary/resources/" + TOO_LARGE)).jsonPath();
    }

    private static JsonPath deliveryOf(JarProcess replica) {
        return RestAssured.given().header("Authorization", "Bearer " + Api.OPERATOR_TOKEN)
                .get(replica.uri("/api/v1/deliveries/" + stateOf(replica).getString("delivery.id"))).jsonPath();
    }
}
