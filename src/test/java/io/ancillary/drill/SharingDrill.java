package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/** One client keeps to one of two replicas, whose processor is slow: the other one does half of it. */
class SharingDrill {
    private static final int PACKETS = 1200;
    private static final int AT_ONCE = 50;
    private static final Duration CALL = Duration.ofSeconds(1);
    /** What it would take the one alone. */
    private static final double ALONE = (double) PACKETS / AT_ONCE * CALL.toSeconds();

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(1));
    private final RedisProcess redis = RedisProcess.start();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Set<String> delivered = ConcurrentHashMap.newKeySet();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @AfterEach
    void stop() {
        done(vertx.close());
        redis.close();
    }

    @Test
    void isDoneInHalfTheTime_withAnIdleReplicaBesideTheBusyOne() {
        Map<String, String> settings = new HashMap<>();
        settings.put("ANCILLARY_PACKETS_SERVICE_URL", url(listen(vertx, this::process)));
        settings.put("ANCILLARY_PROCESSING_CONCURRENCY", String.valueOf(AT_ONCE));
        String webhook = url(listen(vertx, this::receive));
        try (JarProcess busy = Drills.replica(redis.url(), webhook, settings, "-Xmx128m").awaitReady();
                JarProcess idle = Drills.replica(redis.url(), webhook, settings, "-Xmx128m").awaitReady()) {
            long began = System.nanoTime();
            for (int i = 0; i < PACKETS; i++) {
                String packet = new JsonObject().put("resource_id", "r" + i).put("payload", "p" + i).put("packet_index", 1)
                        .put("last_chunk_flag", true).encode();
                assertThat(done(Drills.post(client, busy.port(), "/api/v1/ancillary/packet/send-data/", packet,
                        Drills.PATIENT)).statusCode()).isEqualTo(202);
            }
            await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(50)).until(() -> delivered.size() == PACKETS);
            double seconds = (System.nanoTime() - began) / 1e9;

            long twice = calls.values().stream().filter(count -> count > 1).count();
            System.out.printf(Locale.ROOT, "%d packets of %d s, %d at once a replica: %.1f s, where one alone takes %.1f s; "
                    + "at most %d calls at once, packets processed twice %d%n", PACKETS, CALL.toSeconds(), AT_ONCE, seconds,
                    ALONE, most.get(), twice);
            assertThat(most.get()).isEqualTo(2 * AT_ONCE);
            assertThat(seconds).isLessThan(0.75 * ALONE);
            assertThat(twice).isZero();
            assertThat(busy.output() + idle.output()).doesNotContain("ERROR", "\tat ");
        }
    }

    private void process(HttpServerRequest request) {
        most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        calls.merge(request.getHeader("Idempotency-Key"), 1, Integer::sum);
        vertx.setTimer(CALL.toMillis(), timer -> {
            underWay.decrementAndGet();
            request.response().end("[1]");
        });
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            delivered.add(body.toJsonObject().getString("resource_id"));
            request.response().end();
        });
    }
}
