package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/**
 * A packet kills every replica that processes it. It ends as failed, and says why; all that came beside it, before it and
 * after it is completed.
 */
class PoisonDrill {
    private static final String POISON = "the-death-of-me";
    private static final int PACKETS_A_SECOND = 100;
    private static final int DEATHS = 5;
    /** Each death costs those that were beside it a lease, and what the machine needs to start a JVM. */
    private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes");
    private final List<JarProcess> replicas = new CopyOnWriteArrayList<>();
    private final Queue<Integer> again = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Long> delivered = new ConcurrentHashMap<>();
    private final Map<String, JsonObject> outcomes = new ConcurrentHashMap<>();
    private String webhook = "";
    private int sent;

    @AfterEach
    void stop() {
        replicas.forEach(JarProcess::close);
        done(vertx.close());
        redis.close();
    }

    @Test
    void failsThePart_ofWhichReplicasDie_andNoOther() {
        webhook = url(listen(vertx, this::receive));
        IntStream.range(0, 2).forEach(i -> replicas.add(replica().awaitReady()));
        long producer = vertx.setPeriodic(50, tick -> send());
        pass(Duration.ofSeconds(1));
        await().until(() -> isTaken("poisoned", 1, "before it", false));
        await().until(() -> isTaken("poisoned", 3, "after it", true));

        List<JarProcess> dead = new ArrayList<>();
        AtomicBoolean taken = new AtomicBoolean();
        await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(100)).until(() -> {
            // The one that takes it in may be dead before it says so.
            taken.compareAndSet(false, !taken.get() && isTaken("poisoned", 2, POISON, false));
            for (JarProcess replica : replicas) {
                if (!replica.isAlive()) {
                    replicas.remove(replica);
                    dead.add(replica);
                    replicas.add(replica());
                }
            }
            return outcomes.containsKey("poisoned");
        });
        pass(Duration.ofSeconds(1));
        vertx.cancelTimer(producer);
        long leftOver = vertx.setPeriodic(50, tick -> Drills.sendAgain(again, 100, this::post));
        await().atMost(Duration.ofMinutes(1)).until(() -> acknowledged.size() == sent && outcomes.size() == sent + 1);
        vertx.cancelTimer(leftOver);

        double slowest = acknowledged.entrySet().stream()
                .mapToDouble(it -> (delivered.get(it.getKey()) - it.getValue()) / 1e9).max().orElseThrow();
        System.out.printf(Locale.ROOT,
                "replicas that died %d; packets beside it %d, completed %d, the slowest after %.1f s%n%s%n",
                dead.size(), sent, outcomes.values().stream().filter(it -> it.getString("status").equals("completed")).count(),
                slowest, outcomes.get("poisoned").encode());
        assertThat(dead).hasSize(DEATHS);
        assertThat(outcomes.get("poisoned").encode()).isEqualTo("{\"resource_id\":\"poisoned\",\"status\":\"incomplete\","
                + "\"packet_count\":3,\"output\":[6,2,5,2],\"missing\":[],\"failed\":[{\"packet_index\":2,"
                + "\"error\":\"given up: 5 replicas died with it, one after the other\"}]}");
        assertThat(outcomes.entrySet()).filteredOn(it -> !it.getKey().equals("poisoned"))
                .allSatisfy(it -> assertThat(it.getValue().getString("status")).isEqualTo("completed"));
        assertThat(slowest).isLessThan(DELIVERED_WITHIN.toSeconds());
    }

    private JarProcess replica() {
        return Drills.replica(redis.url(), webhook, Map.of(), "-Xmx128m", "-Dfault.poison=" + POISON);
    }

    private void send() {
        int repeated = Drills.sendAgain(again, PACKETS_A_SECOND / 20, this::post);
        for (int i = repeated; i < PACKETS_A_SECOND / 20; i++) {
            post(sent++);
        }
    }

    private void post(int n) {
        String resource = "r" + n;
        Drills.post(client, replicas.get(n % replicas.size()).port(), "/api/v1/ancillary/packet/send-data/",
                packet(resource, 1, "beside it", true), Duration.ofSeconds(4)).onComplete(answer -> {
                    if (answer.succeeded() && answer.result().statusCode() == 202) {
                        acknowledged.put(resource, System.nanoTime());
                    } else {
                        vertx.setTimer(200, timer -> again.add(n));
                    }
                });
    }

    private boolean isTaken(String resource, int index, String payload, boolean last) {
        return done(Drills.post(client, replicas.get(0).port(), "/api/v1/ancillary/packet/send-data/",
                packet(resource, index, payload, last), Duration.ofSeconds(4)).map(answer -> answer.statusCode() == 202)
                .otherwise(false));
    }

    private static String packet(String resource, int index, String payload, boolean last) {
        return new JsonObject().put("resource_id", resource).put("payload", payload).put("packet_index", index)
                .put("last_chunk_flag", last).encode();
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            JsonObject outcome = body.toJsonObject();
            delivered.putIfAbsent(outcome.getString("resource_id"), System.nanoTime());
            outcomes.put(outcome.getString("resource_id"), outcome);
            request.response().end();
        });
    }
}
