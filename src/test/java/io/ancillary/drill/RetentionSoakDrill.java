package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.url;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.Wire;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;

/**
 * A hundred thousand resources come and go: completed ones, ones that stay incomplete, ones that the operator drops, and
 * sessions. Once their retention is over Redis holds what it held before, and nobody was slowed down by the cleaning.
 */
class RetentionSoakDrill {
    private static final int RESOURCES = Integer.getInteger("drill.resources", 100_000);
    private static final int WARM_UP_RESOURCES = 2000;
    private static final int CONNECTIONS = 64;
    private static final Duration RETENTION = Duration.ofSeconds(5);
    private static final Duration GAP = Duration.ofSeconds(2);
    private static final int TRICKLE_A_SECOND = 20;
    private static final int A_MINUTE_OF_TRICKLE = 60 * TRICKLE_A_SECOND;
    /** Of so many resources, one of each kind is not like the others. */
    private static final int CYCLE = 50;

    private static final double MOST_MILLIS = 100;
    private static final double MOST_GROWTH = 1.1;
    private static final long MOST_BYTES = 1 << 20;
    private static final String FIXED = "anc:\\{0}:(meta|replicas|loads|journal:[^:]+)";

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Vertx receiver = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient wires = vertx.createNetClient();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(16));
    private final RedisProcess redis = RedisProcess.start();
    private final Map<String, String> outcomes = new ConcurrentHashMap<>();
    private final Map<String, Integer> doubled = new ConcurrentHashMap<>();
    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicInteger decided = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final AtomicInteger dropsUnderWay = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Queue<String> odd = new ConcurrentLinkedQueue<>();
    private final SoftAssertions softly = new SoftAssertions();
    private String callback = "";

    /** What becomes of a resource. */
    private enum Kind {
        COMPLETED,
        INCOMPLETE,
        DROPPED_OPEN,
        DROPPED_WHOLE,
        BESIDE_A_SESSION;

        static Kind of(int resource) {
            return switch (resource % CYCLE) {
                case 7 -> INCOMPLETE;
                case 17 -> DROPPED_OPEN;
                case 27 -> DROPPED_WHOLE;
                case 37 -> BESIDE_A_SESSION;
                default -> COMPLETED;
            };
        }
    }

    /** What Redis holds. */
    private record Held(long keys, long bytes) {
    }

    @AfterEach
    void stop() {
        done(vertx.close());
        done(receiver.close());
        redis.close();
    }

    @Test
    void leavesNothingBehind_whenRetentionIsOver() {
        callback = url(listen(receiver, this::receive));
        Map<String, String> environment = Map.of("ANCILLARY_RETENTION", RETENTION.toSeconds() + "s",
                "ANCILLARY_PACKETS_GAP_TIMEOUT", GAP.toSeconds() + "s", "ANCILLARY_OPERATOR_TOKEN", Api.OPERATOR_TOKEN,
                "ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", "127.0.0.0/8");
        try (JarProcess replica = Drills.awaitStarted(Drills.replica(redis.url(), callback, environment, "-Xmx256m"))) {
            load(replica, "warm", WARM_UP_RESOURCES);
            awaitEmpty();
            Held before = held();

            long began = System.nanoTime();
            load(replica, "soak", RESOURCES);
            double loaded = seconds(began);
            Held most = held();
            began = System.nanoTime();
            Latencies trickle = trickleUntilClean(replica);
            double cleaned = seconds(began);
            awaitEmpty();
            pass(Duration.ofSeconds(1));
            Held after = held();

            print(before, most, after, loaded, cleaned, trickle);
            judge(before, after, trickle);
            softly.assertThat(replica.output()).doesNotContain("ERROR", "\tat ");
        }
        softly.assertAll();
    }

    /** Each connection sends its next packet when the last was answered. */
    private void load(JarProcess replica, String prefix, int resources) {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger working = new AtomicInteger(CONNECTIONS);
        for (int i = 0; i < CONNECTIONS; i++) {
            Wire.connect(wires, replica.port(), Api.PACKETS)
                    .onSuccess(wire -> sendNext(replica, wire, prefix, next, resources, working));
        }
        await().atMost(Duration.ofMinutes(3)).until(() -> working.get() == 0 && dropsUnderWay.get() == 0);
    }

    private void sendNext(JarProcess replica, Wire wire, String prefix, AtomicInteger next, int resources,
            AtomicInteger working) {
        int resource = next.getAndIncrement();
        if (resource >= resources) {
            working.decrementAndGet();
            return;
        }
        String id = prefix + resource;
        Kind kind = Kind.of(resource);
        Runnable then = () -> sendNext(replica, wire, prefix, next, resources, working);
        switch (kind) {
            case INCOMPLETE -> send(wire, id, 2, then);
            case DROPPED_OPEN -> send(wire, id, 1, () -> {
                drop(replica, id);
                then.run();
            });
            case DROPPED_WHOLE -> send(wire, id, 1, () -> send(wire, id, 2, () -> {
                drop(replica, id);
                then.run();
            }));
            case BESIDE_A_SESSION -> {
                startSession(replica, id);
                send(wire, id, 1, () -> send(wire, id, 2, then));
            }
            case COMPLETED -> send(wire, id, 1, () -> send(wire, id, 2, then));
        }
    }

    /** The second of two packets is the last; what was refused is sent again. */
    private void send(Wire wire, String id, int index, Runnable then) {
        wire.post(Api.packet(id, index, "Bat Ball", index == 2), answer -> {
            if (answer.status() == 202) {
                then.run();
            } else if (answer.status() == 503) {
                refused.incrementAndGet();
                vertx.setTimer(answer.retryAfterSeconds() * 1000L, timer -> send(wire, id, index, then));
            } else {
                odd.add(id + "/" + index + ": " + answer);
                then.run();
            }
        });
    }

    private void drop(JarProcess replica, String id) {
        dropsUnderWay.incrementAndGet();
        RequestOptions to = new RequestOptions().setMethod(HttpMethod.DELETE).setHost("127.0.0.1").setPort(replica.port())
                .setURI(Api.RESOURCES + "/" + id).putHeader("Authorization", "Bearer " + Api.OPERATOR_TOKEN);
        client.request(to).compose(request -> request.send()).onComplete(answer -> {
            if (answer.succeeded() && answer.result().statusCode() == 204) {
                dropped.incrementAndGet();
            } else {
                odd.add("drop " + id + ": " + (answer.succeeded() ? answer.result().statusCode() : answer.cause()));
            }
            dropsUnderWay.decrementAndGet();
        });
    }

    private void startSession(JarProcess replica, String id) {
        dropsUnderWay.incrementAndGet();
        String json = new JsonObject().put("station_id", "123e4567-e89b-12d3-a456-426614174000")
                .put("driver_token", "driver-token-of-" + id + "-000000").put("callback_url", callback).encode();
        Drills.post(client, replica.port(), Api.SESSION, json, Drills.PATIENT).onComplete(answer -> {
            if (answer.succeeded() && answer.result().statusCode() == 202) {
                sessions.incrementAndGet();
            } else {
                odd.add("session " + id + ": " + (answer.succeeded() ? answer.result().statusCode() : answer.cause()));
            }
            dropsUnderWay.decrementAndGet();
        });
    }

    /** One packet after another, as its time comes, until there is hardly more in Redis than what is new. */
    private Latencies trickleUntilClean(JarProcess replica) {
        Latencies took = new Latencies();
        Wire wire = done(Wire.connect(wires, replica.port(), Api.PACKETS));
        AtomicInteger n = new AtomicInteger();
        AtomicBoolean waiting = new AtomicBoolean();
        long timer = vertx.setPeriodic(1000 / TRICKLE_A_SECOND, tick -> {
            if (!waiting.getAndSet(true)) {
                long began = System.nanoTime();
                wire.post(Api.packet("trickle" + n.getAndIncrement(), 1, "Bat Ball", true), answer -> {
                    waiting.set(false);
                    took.add(System.nanoTime() - began);
                    if (answer.status() != 202) {
                        odd.add("trickle: " + answer);
                    }
                });
            }
        });
        try {
            await().atMost(Duration.ofMinutes(1)).until(() -> keys() < A_MINUTE_OF_TRICKLE);
        } catch (ConditionTimeoutException e) {
            softly.fail("%d keys a minute after the last packet", keys());
        }
        vertx.cancelTimer(timer);
        return took;
    }

    /** The keys that every replica has are all there is; or it does not come to that. */
    private void awaitEmpty() {
        try {
            await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(200)).until(() -> leftOver().isEmpty());
        } catch (ConditionTimeoutException e) {
            // Which are left is said at the end.
        }
    }

    private List<String> leftOver() {
        return keys() > 10_000 ? List.of("too many to list")
                : redis.command("KEYS", "*").lines().filter(key -> !key.matches(FIXED)).sorted().limit(50).toList();
    }

    private long keys() {
        return Long.parseLong(redis.command("DBSIZE"));
    }

    private Held held() {
        redis.command("MEMORY", "PURGE");
        return new Held(keys(), Long.parseLong(info("memory", "used_memory:")));
    }

    private String info(String section, String field) {
        return redis.command("INFO", section).lines().filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()).strip()).findFirst().orElse("calls=0");
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private void judge(Held before, Held after, Latencies trickle) {
        softly.assertThat(leftOver()).as("keys left over").isEmpty();
        softly.assertThat(after.keys()).as("keys").isEqualTo(before.keys());
        softly.assertThat(after.bytes()).as("bytes used")
                .isLessThanOrEqualTo((long) (MOST_GROWTH * before.bytes()) + MOST_BYTES);
        softly.assertThat(trickle.millis(0.99)).as("p99 of the trickle, ms").isLessThanOrEqualTo(MOST_MILLIS);
        softly.assertThat(info("commandstats", "cmdstat_unlink:")).as("UNLINK").doesNotStartWith("calls=0");
        softly.assertThat(info("commandstats", "cmdstat_del:")).as("DEL").startsWith("calls=0");
        softly.assertThat(odd).as("answers that are not as they should be").isEmpty();
        softly.assertThat(doubled).as("delivered more than once").isEmpty();
        softly.assertThat(decided.get()).as("sessions decided").isEqualTo(sessions.get());
        softly.assertThat(wrong()).as("resources whose outcome is not as it should be").isEmpty();
    }

    /** Of those that were dropped nothing need come. */
    private List<String> wrong() {
        return IntStream.range(0, RESOURCES).filter(i -> switch (Kind.of(i)) {
            case COMPLETED, BESIDE_A_SESSION -> !"completed[3,4,3,4]".equals(outcomes.get("soak" + i));
            case INCOMPLETE -> !"incomplete[3,4]".equals(outcomes.get("soak" + i));
            case DROPPED_OPEN -> outcomes.containsKey("soak" + i);
            case DROPPED_WHOLE -> false;
        }).mapToObj(i -> "soak" + i + " " + outcomes.get("soak" + i)).limit(50).toList();
    }

    private void print(Held before, Held most, Held after, double loaded, double cleaned, Latencies trickle) {
        System.out.printf(Locale.ROOT, "%n%d resources of 2 packets, retention %d s, gap timeout %d s, %d connections%n",
                RESOURCES,
                RETENTION.toSeconds(), GAP.toSeconds(), CONNECTIONS);
        System.out.printf(Locale.ROOT, "  posted in %.1f s, %.0f packets/s; 503 %d; dropped %d, sessions %d%n", loaded,
                2 * RESOURCES / loaded, refused.get(), dropped.get(), sessions.get());
        System.out.printf(Locale.ROOT, "  %-22s %10s %14s%n", "", "keys", "used_memory");
        System.out.printf(Locale.ROOT, "  %-22s %10d %14d%n", "before", before.keys(), before.bytes());
        System.out.printf(Locale.ROOT, "  %-22s %10d %14d%n", "when all was posted", most.keys(), most.bytes());
        System.out.printf(Locale.ROOT, "  %-22s %10d %14d (%+.1f %%)%n", "after", after.keys(), after.bytes(),
                100.0 * after.bytes() / before.bytes() - 100);
        System.out.printf(Locale.ROOT, "  clean %.1f s after the last packet; trickle meanwhile: %s%n", cleaned, trickle);
        System.out.printf("  UNLINK %s%n  DEL    %s%n", info("commandstats", "cmdstat_unlink:"),
                info("commandstats", "cmdstat_del:"));
        System.out.printf("  keys left over: %s; load of this machine %s%n", leftOver(), Machine.load());
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            JsonObject outcome = body.toJsonObject();
            if (outcome.containsKey("driver_token")) {
                decided.incrementAndGet();
            } else {
                String id = outcome.getString("resource_id");
                if (outcomes.put(id, outcome.getString("status") + outcome.getJsonArray("output").encode()) != null) {
                    doubled.merge(id, 2, Integer::sum);
                }
            }
            request.response().end();
        });
    }
}
