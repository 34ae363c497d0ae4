package io.ancillary.bench;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.RedisOptions;

/**
 * The least that a packet's way to its webhook can take: one round trip to the same Redis to keep it, one to keep its
 * output, and, for the last packet of a resource, one POST of the outcome to the same receiver. Nothing is validated, nothing
 * would survive.
 */
final class Floor implements AutoCloseable {
    private static final String PART = "bench:floor:part:";
    private static final String OUTPUTS = "bench:floor:outputs:";
    private static final int KEYS = 100;
    /** A floor that falls behind is to be late, not to break. */
    private static final int MOST_WAITING = 200_000;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final io.vertx.redis.client.Redis client;
    private final RedisAPI redis;
    private final HttpClient http = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(true));
    private final String receiver;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    Floor(String redisUrl, String receiver) {
        this.client = io.vertx.redis.client.Redis.createClient(vertx,
                new RedisOptions().setConnectionString(redisUrl).setMaxWaitingHandlers(MOST_WAITING));
        // Not the pool: one connection takes commands while others wait for answers, as the service's own does.
        this.redis = RedisAPI.api(client.connect().toCompletionStage().toCompletableFuture().join());
        this.receiver = receiver;
    }

    /** So many packets a second; gives when each was due. */
    Pace run(Packets packets, int count, int aSecond) {
        Pace pace = Pace.fromNow(aSecond);
        for (int n = 0; n < count; n++) {
            int packet = n;
            pace.awaitDue(n);
            vertx.runOnContext(now -> take(packets, packet).onFailure(failures::add));
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("the floor has a hole", failures.peek());
        }
        return pace;
    }

    private Future<?> take(Packets packets, int n) {
        int resource = n / packets.aResource();
        return redis.set(List.of(PART + n % KEYS, packets.packet(n).toString()))
                .compose(kept -> redis.zadd(List.of(OUTPUTS + resource % KEYS, String.valueOf(n), packets.words().lengths())))
                .compose(kept -> n == packets.last(resource) ? post(packets, resource) : Future.succeededFuture());
    }

    private Future<?> post(Packets packets, int resource) {
        return http.request(new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(receiver)
                .putHeader("webhook-id", "floor-" + resource).putHeader("content-type", "application/json"))
                .compose(request -> request.send(Buffer.buffer(packets.outcome(resource))))
                .compose(answer -> answer.end());
    }

    @Override
    public void close() {
        for (int key = 0; key < KEYS; key++) {
            redis.unlink(List.of(PART + key, OUTPUTS + key)).toCompletionStage().toCompletableFuture().join();
        }
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
