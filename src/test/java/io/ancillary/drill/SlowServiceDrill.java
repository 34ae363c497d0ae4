package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/**
 * A remote service that takes its time: with thousands of calls under way, or a hundred thousand parts that it will
 * answer for later, memory stays within its bounds and the other flow goes on as if nothing was.
 */
class SlowServiceDrill {
    private static final int SLOW = 6000;
    private static final int SLOW_MILLIS = 10_000;
    private static final int AT_ONCE = 3000;
    private static final int WAITING = Integer.getInteger("drill.waiting", 100_000);
    private static final int SESSIONS = 200;
    private static final Pattern HEAP = Pattern.compile("jvm_memory_used_bytes\\{area=\"heap\",[^}]*} (\\S+)");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(64));
    private final Queue<String> completionPaths = new ConcurrentLinkedQueue<>();
    private final Map<String, String> outcomes = new ConcurrentHashMap<>();
    private final Map<String, Long> decided = new ConcurrentHashMap<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private final RedisProcess redis = RedisProcess.start();
    private HttpServer sink;
    private HttpServer service;

    @BeforeEach
    void start() {
        sink = listen(vertx, this::receive);
        service = listen(vertx, this::process);
    }

    @AfterEach
    void stop() {
        done(vertx.close());
        redis.close();
    }

    @Test
    void decidesSessions_whileThousandsOfSlowCallsAreUnderWay() throws Exception {
        try (JarProcess replica = replica(Map.of("ANCILLARY_PROCESSING_CONCURRENCY", String.valueOf(AT_ONCE),
                "ANCILLARY_PACKETS_SERVICE_TIMEOUT", "30s"), "-Xmx256m")) {
            sessions(replica, "warm", SESSIONS);
            print("sessions alone", sessions(replica, "alone", SESSIONS));
            long began = System.nanoTime();
            send(replica, SLOW, n -> packet("slow" + n, "slow"), 202);
            await().atMost(Duration.ofSeconds(30)).until(() -> underWay.get() == AT_ONCE);

            print("sessions beside slow calls", sessions(replica, "beside", SESSIONS / 2));

            assertThat(underWay.get()).as("still under way").isPositive();
            await().atMost(Duration.ofMinutes(1)).until(() -> outcomes.size() == SLOW);
            System.out.printf(Locale.ROOT, "%d parts of %d ms each took %.1f s in all, at most %d at once%n", SLOW,
                    SLOW_MILLIS,
                    (System.nanoTime() - began) / 1e9, mostUnderWay.get());
            assertThat(outcomes.values()).containsOnly("completed");
            assertThat(mostUnderWay.get()).isEqualTo(AT_ONCE);
        }
    }

    @Test
    void holdsNothing_whileAHundredThousandPartsWait() throws Exception {
        try (JarProcess replica = replica(Map.of("ANCILLARY_WAITING_CAPACITY", String.valueOf(WAITING)), "-Xmx96m")) {
            System.out.printf(Locale.ROOT, "heap before: %.1f MB%n", heap(replica));
            long began = System.nanoTime();
            send(replica, WAITING, n -> packet("later" + n, "later"), 202);
            await().atMost(Duration.ofMinutes(2)).until(() -> completionPaths.size() == WAITING);
            await().until(() -> redis.command("HGET", "anc:{0}:meta", "waiting:packets").equals(String.valueOf(WAITING)));
            System.out.printf(Locale.ROOT, "%d parts put off in %.1f s; heap %.1f MB, Redis %s bytes a part%n", WAITING,
                    (System.nanoTime() - began) / 1e9, heap(replica), redisBytes() / WAITING);
            send(replica, 1, n -> packet("one-more", "later"), 503);
            print("sessions beside waiting parts", sessions(replica, "waiting", SESSIONS));

            List<String> paths = List.copyOf(completionPaths);
            began = System.nanoTime();
            post(replica, paths.size(), n -> new Request(paths.get(n), "[7]"), 200);
            await().atMost(Duration.ofMinutes(2)).until(() -> outcomes.size() == WAITING);
            System.out.printf(Locale.ROOT, "completed and delivered in %.1f s; heap %.1f MB%n",
                    (System.nanoTime() - began) / 1e9, heap(replica));

            assertThat(outcomes.values()).containsOnly("completed");
            assertThat(redis.command("HGET", "anc:{0}:meta", "waiting:packets")).isEqualTo("0");
            assertThat(replica.output()).doesNotContain("ERROR", "OutOfMemory");
        }
    }

    private JarProcess replica(Map<String, String> besides, String heap) {
        Map<String, String> environment = new HashMap<>(besides);
        environment.putAll(Map.of("ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", "127.0.0.0/8",
                "ANCILLARY_PACKETS_SERVICE_URL", url(service), "ANCILLARY_PUBLIC_URL", "http://ancillary.example.com"));
        return Drills.replica(redis.url(), url(sink), environment, heap).awaitReady();
    }

    private record Request(String path, String body) {
    }

    private void send(JarProcess replica, int count, IntFunction<String> bodies, int expected) {
        post(replica, count, n -> new Request(Api.PACKETS, bodies.apply(n)), expected);
    }

    /** Each connection sends its next when the last was answered; what was answered with 503 is sent again. */
    private void post(JarProcess replica, int count, IntFunction<Request> requests, int expected) {
        CountDownLatch answered = new CountDownLatch(count);
        AtomicInteger next = new AtomicInteger();
        for (int i = 0; i < 64; i++) {
            postNext(replica, next, count, requests, expected, answered);
        }
        await().atMost(Duration.ofMinutes(3)).until(() -> answered.getCount() == 0);
    }

    private void postNext(JarProcess replica, AtomicInteger next, int count, IntFunction<Request> requests, int expected,
            CountDownLatch answered) {
        int n = next.getAndIncrement();
        if (n < count) {
            post(replica, requests.apply(n), expected).onSuccess(right -> {
                answered.countDown();
                postNext(replica, next, count, requests, expected, answered);
            });
        }
    }

    private Future<Void> post(JarProcess replica, Request request, int expected) {
        return Drills.post(client, replica.port(), request.path(), request.body(), Drills.PATIENT)
                .compose(answer -> answer.statusCode() == expected ? Future.succeededFuture()
                        : after(Duration.ofMillis(100)).compose(later -> post(replica, request, expected)));
    }

    private Future<Void> after(Duration wait) {
        io.vertx.core.Promise<Void> waited = io.vertx.core.Promise.promise();
        vertx.setTimer(wait.toMillis(), timer -> waited.complete());
        return waited.future();
    }

    /** From request to callback, one after another, in milliseconds. */
    private double[] sessions(JarProcess replica, String name, int count) throws Exception {
        return IntStream.range(0, count).mapToDouble(i -> {
            String driver = "driver-token-" + name + "-number-" + i;
            long began = System.nanoTime();
            done(post(replica, new Request(Api.SESSION, new JsonObject()
                    .put("station_id", "123e4567-e89b-12d3-a456-426614174000").put("driver_token", driver)
                    .put("callback_url", url(sink)).encode()), 202));
            await().pollInterval(Duration.ofMillis(1)).pollDelay(Duration.ZERO).until(() -> decided.containsKey(driver));
            return (decided.get(driver) - began) / 1e6;
        }).sorted().toArray();
    }

    private static void print(String what, double[] millis) {
        System.out.printf(Locale.ROOT, "%-30s p50 %.1f ms, p99 %.1f ms, max %.1f ms%n", what, millis[millis.length / 2],
                millis[millis.length * 99 / 100], Arrays.stream(millis).max().orElse(0));
    }

    private void process(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            if (body.toJsonObject().getString("payload").equals("later")) {
                completionPaths.add(URI.create(request.getHeader("Ancillary-Completion-Url")).getPath());
                request.response().setStatusCode(202).end();
            } else {
                mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                vertx.setTimer(SLOW_MILLIS, timer -> {
                    underWay.decrementAndGet();
                    request.response().end("[2]");
                });
            }
        });
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            JsonObject outcome = body.toJsonObject();
            if (outcome.containsKey("driver_token")) {
                decided.put(outcome.getString("driver_token"), System.nanoTime());
            } else {
                outcomes.put(outcome.getString("resource_id"), outcome.getString("status"));
            }
            request.response().end();
        });
    }

    private static String packet(String resource, String payload) {
        return new JsonObject().put("resource_id", resource).put("payload", payload).put("packet_index", 1)
                .put("last_chunk_flag", true).encode();
    }

    /** What is used once the garbage is collected, in MB. */
    private static double heap(JarProcess replica) throws Exception {
        String jcmd = java.nio.file.Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        new ProcessBuilder(jcmd, String.valueOf(replica.pid()), "GC.run").start().waitFor(10, TimeUnit.SECONDS);
        String metrics = java.net.http.HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(replica.management("/q/metrics")).build(), HttpResponse.BodyHandlers.ofString()).body();
        return HEAP.matcher(metrics).results().mapToDouble(found -> Double.parseDouble(found.group(1))).sum() / 1e6;
    }

    private long redisBytes() {
        return redis.command("INFO", "memory").lines().filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length()).strip())).sum();
    }
}
