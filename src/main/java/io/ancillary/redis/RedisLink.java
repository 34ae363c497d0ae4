package io.ancillary.redis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.ancillary.collation.StoreUnavailableException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;

/**
 * One pipelined connection to Redis, held for good and made anew when it breaks. Everything about it happens
 * on one event loop, which is also where the answers arrive.
 * <p>
 * A call that is not answered in time fails, but the connection stays: answers come in order, so when Redis
 * was only slow the late ones are told apart by their place and dropped. A peer that vanished is noticed by the
 * client's read-idle timeout.
 */
final class RedisLink {
    private static final Logger LOG = Logger.getLogger(RedisLink.class);
    /** Redis 6.2 wraps what befell a command of a script in a sentence; such errors come by the thousand. */
    private static final Pattern STATE_OF_REDIS = Pattern
            .compile("(^|-)(OOM|LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|MISCONF|BUSY) |^CONNECTION_CLOSED");
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(50);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Context context;
    private final Supplier<Redis> clients;
    private final Duration timeout;

    private @Nullable Redis client;
    private @Nullable RedisConnection connection;
    private final AtomicLong connections = new AtomicLong();
    private boolean connecting;
    /** A timer is set that connects: until it fires, nobody else does, or each would set its own successor. */
    private boolean reconnecting;
    private boolean closed;
    private Duration wait = SHORTEST_WAIT;
    private int awaited;
    private final Queue<Runnable> unhurried = new ArrayDeque<>();

    /**
     * @param clients makes the client, on the link's own event loop: that is where a client has all its connections, and any
     *        other would cost each call two hand-overs from thread to thread
     */
    RedisLink(Vertx vertx, Supplier<Redis> clients, Duration timeout) {
        this.vertx = vertx;
        this.context = ((VertxInternal) vertx).createEventLoopContext();
        this.clients = clients;
        this.timeout = timeout;
    }

    Executor executor() {
        return this::execute;
    }

    /** Likewise, but never before what is being done now is done. */
    Executor afterThis() {
        return task -> context.runOnContext(nothing -> task.run());
    }

    /**
     * Likewise, and while an answer is awaited not before the next one has come, or has been given up: for what is in no
     * hurry, so that more of it travels together.
     */
    Executor afterAnswer() {
        return task -> execute(() -> {
            unhurried.add(task);
            if (awaited == 0) {
                runUnhurried();
            }
        });
    }

    /** How many connections there have been. */
    long connections() {
        return connections.get();
    }

    Duration timeout() {
        return timeout;
    }

    /** Runs a script; by its text when Redis does not know it, as after a restart. */
    CompletionStage<Response> run(Script script, List<String> keys, List<String> args) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        sendRaw(script.bySha(keys, args)).whenComplete((response, failure) -> {
            if (failure instanceof ErrorType error && error.is("NOSCRIPT")) {
                send(script.byText(keys, args)).whenComplete((again, problem) -> complete(answer, again, problem));
            } else {
                complete(answer, response, failure == null ? null : unavailable(failure));
            }
        });
        return answer;
    }

    CompletionStage<Response> send(Request request) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        sendRaw(request).whenComplete((response, failure) -> complete(answer, response,
                failure == null ? null : unavailable(failure)));
        return answer;
    }

    private CompletionStage<Response> sendRaw(Request request) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        execute(() -> {
            RedisConnection current = connection;
            if (current == null) {
                answer.completeExceptionally(new StoreUnavailableException("not connected to Redis"));
                connect();
                return;
            }
            awaiting(answer);
            long timer = vertx.setTimer(timeout.toMillis(), t -> answer.completeExceptionally(
                    new StoreUnavailableException("Redis did not answer within " + timeout.toMillis() + " ms")));
            attempt(() -> current.send(request)).onComplete(result -> {
                vertx.cancelTimer(timer);
                complete(answer, result.result(), result.cause());
            });
        });
        return answer;
    }

    /** Until it is answered or given up. */
    private void awaiting(CompletionStage<Response> answer) {
        awaited++;
        answer.whenComplete((response, failure) -> execute(() -> {
            awaited--;
            runUnhurried();
        }));
    }

    private void runUnhurried() {
        for (Runnable task = unhurried.poll(); task != null; task = unhurried.poll()) {
            Runnable next = task;
            context.runOnContext(nothing -> next.run());
        }
    }

    void close() {
        execute(() -> {
            closed = true;
            if (client != null) {
                client.close();
            }
        });
    }

    private void connect() {
        if (closed || connecting || reconnecting || connection != null) {
            return;
        }
        connecting = true;
        attempt(() -> client().connect()).onComplete(result -> execute(() -> {
            connecting = false;
            if (result.failed()) {
                LOG.debugf("no connection to Redis: %s", result.cause().getMessage());
                reconnectLater();
                return;
            }
            wait = SHORTEST_WAIT;
            RedisConnection made = result.result();
            if (closed) {
                made.close();
                return;
            }
            made.exceptionHandler(failure -> execute(() -> broken(made)));
            made.endHandler(end -> execute(() -> broken(made)));
            connection = made;
            connections.incrementAndGet();
        }));
    }

    private Redis client() {
        Redis made = client;
        if (made == null) {
            made = clients.get();
            client = made;
        }
        return made;
    }

    /** A client that is being closed throws where it should fail. */
    private static <T> Future<T> attempt(Supplier<Future<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private void broken(RedisConnection which) {
        if (connection == which) {
            connection = null;
            // Gives the pool its place back; the socket is gone already.
            which.close();
            reconnectLater();
        }
    }

    private void reconnectLater() {
        if (closed) {
            return;
        }
        reconnecting = true;
        vertx.setTimer(wait.toMillis(), timer -> execute(() -> {
            reconnecting = false;
            connect();
        }));
        Duration doubled = wait.multipliedBy(2);
        wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
    }

    private void execute(Runnable task) {
        if (Vertx.currentContext() == context) {
            task.run();
        } else {
            context.runOnContext(nothing -> task.run());
        }
    }

    private static StoreUnavailableException unavailable(Throwable failure) {
        if (failure instanceof StoreUnavailableException already) {
            return already;
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof ErrorType && !STATE_OF_REDIS.matcher(message).find()) {
            LOG.warnf("Redis refused a call: %s", message);
        }
        return new StoreUnavailableException(message);
    }

    private static void complete(CompletableFuture<Response> answer, @Nullable Response response,
            @Nullable Throwable failure) {
        if (failure == null) {
            answer.complete(response);
        } else {
            answer.completeExceptionally(failure);
        }
    }
}
