package io.ancillary.drill;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;

/**
 * Sends resources of one packet each, which say where their outcome goes. What was not acknowledged is sent again until
 * it is, to whatever replica comes next.
 */
final class Producer {
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(4);
    private static final long AGAIN_MILLIS = 200;
    private static final long NANOS_A_SECOND = 1_000_000_000;

    private final Vertx vertx;
    private final HttpClient client;
    private final Supplier<JarProcess> replicas;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final Latencies requests = new Latencies();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final AtomicInteger repeated = new AtomicInteger();

    /** Takes whom to ask for the replica that gets the next packet. */
    Producer(Vertx vertx, Supplier<JarProcess> replicas) {
        this.vertx = vertx;
        this.client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(64).setConnectTimeout(500));
        this.replicas = replicas;
    }

    /** Has the n-th of something done when its time comes, whatever became of those before; gives the timer. */
    long pace(int perSecond, IntConsumer each) {
        long began = System.nanoTime();
        int[] done = new int[1];
        return vertx.setPeriodic(1, timer -> {
            long due = (System.nanoTime() - began) * perSecond / NANOS_A_SECOND;
            while (done[0] < due) {
                each.accept(done[0]++);
            }
        });
    }

    void send(String resource, URI callback) {
        send(resource, callback, replicas.get());
    }

    void send(String resource, URI callback, JarProcess first) {
        unacknowledged.incrementAndGet();
        post(resource, Api.json(Map.of("resource_id", resource, "payload", "Bat Ball", "packet_index", 1,
                "last_chunk_flag", true, "callback_url", callback.toString())), first);
    }

    private void post(String resource, String json, JarProcess to) {
        long began = System.nanoTime();
        Drills.post(client, to.port(), Api.PACKETS, json, ANSWERED_WITHIN).onComplete(answer -> {
            long now = System.nanoTime();
            if (answer.succeeded() && answer.result().statusCode() == 202) {
                acknowledged.put(resource, now);
                requests.add(now - began);
                unacknowledged.decrementAndGet();
            } else {
                repeated.incrementAndGet();
                vertx.setTimer(AGAIN_MILLIS, timer -> post(resource, json, replicas.get()));
            }
        });
    }

    /** When a resource's packet was acknowledged, by {@link System#nanoTime}. */
    OptionalLong acknowledgedAt(String resource) {
        Long at = acknowledged.get(resource);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    int unacknowledged() {
        return unacknowledged.get();
    }

    /** Requests that were not answered with 202. */
    int repeated() {
        return repeated.get();
    }

    /** From request to acknowledgement. */
    Latencies requests() {
        return requests;
    }
}
