package io.ancillary.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.awaitility.Awaitility;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;

/**
 * A real remote processor on a free port, or on one of a test's choice. It keeps all calls; how it behaves can be
 * arranged for a payload or a driver's token, and is {@link ServiceBehaviour#right} otherwise. One thread is enough
 * for thousands of calls that it lets wait.
 */
public final class ServiceStub implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final HttpClient completing = vertx.createHttpClient();

    private final Queue<ServiceCall> calls = new ConcurrentLinkedQueue<>();
    private final Queue<Completion> completions = new ConcurrentLinkedQueue<>();
    private final Queue<String> abandoned = new ConcurrentLinkedQueue<>();
    private final Map<String, Queue<ServiceBehaviour>> arranged = new ConcurrentHashMap<>();
    private final Map<String, ServiceBehaviour> lasting = new ConcurrentHashMap<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();

    private ServiceStub(int port) {
        server = await(vertx.createHttpServer().requestHandler(this::take).listen(port, "127.0.0.1"));
    }

    public static ServiceStub start() {
        return new ServiceStub(0);
    }

    public static ServiceStub startOn(int port) {
        return new ServiceStub(port);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.actualPort() + "/process");
    }

    /** What becomes of the next calls about a subject, in this order. */
    public void next(String subject, ServiceBehaviour... behaviours) {
        arranged.computeIfAbsent(subject, none -> new ConcurrentLinkedQueue<>()).addAll(List.of(behaviours));
    }

    /** What becomes of all calls about a subject for which nothing else was arranged. */
    public void always(String subject, ServiceBehaviour behaviour) {
        lasting.put(subject, behaviour);
    }

    public List<ServiceCall> calls(String subject) {
        return calls.stream().filter(call -> call.subject().equals(subject)).toList();
    }

    /** The calls about a subject, as soon as there are so many. */
    public List<ServiceCall> await(String subject, int atLeast) {
        Awaitility.await().alias("call about " + subject).atMost(WebhookSink.PATIENCE).pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(calls(subject)).hasSizeGreaterThanOrEqualTo(atLeast));
        return calls(subject);
    }

    /** How its own calls to completion URLs were answered, of those about a subject. */
    public List<Completion> completions(String subject) {
        return completions.stream().filter(it -> it.subject().equals(subject)).toList();
    }

    /** How many calls about a subject were given up on before they were answered. */
    public long abandoned(String subject) {
        return abandoned.stream().filter(subject::equals).count();
    }

    /** The most calls that were under way at one time. */
    public int mostAtOnce() {
        return mostAtOnce.get();
    }

    /** How much it wrote of answers that do not end, in bytes. */
    public long written() {
        return written.get();
    }

    /** Breaks off what hangs. */
    @Override
    public void close() {
        await(vertx.close());
    }

    private void take(HttpServerRequest request) {
        long nanos = System.nanoTime();
        mostAtOnce.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        AtomicBoolean over = new AtomicBoolean();
        request.response().endHandler(ended -> leave(over));
        request.connection().closeHandler(closed -> leave(over));
        request.body().onSuccess(body -> {
            ServiceCall call = new ServiceCall(count.incrementAndGet(), request.path(),
                    MultiMap.caseInsensitiveMultiMap().addAll(request.headers()), body.toString(), nanos);
            request.response().closeHandler(closed -> {
                if (!request.response().ended()) {
                    abandoned.add(call.subject());
                }
            });
            calls.add(call);
            behaviour(call.subject()).answer(new Exchange(this, call, request.response()));
        });
    }

    private void leave(AtomicBoolean over) {
        if (over.compareAndSet(false, true)) {
            underWay.decrementAndGet();
        }
    }

    private ServiceBehaviour behaviour(String subject) {
        ServiceBehaviour next = arranged.getOrDefault(subject, new ConcurrentLinkedQueue<>()).poll();
        return next != null ? next : lasting.getOrDefault(subject, ServiceBehaviour.right());
    }

    private Future<Completion> complete(ServiceCall call, String json) {
        RequestOptions to = new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(call.completionUrl())
                .putHeader("Content-Type", "application/json");
        return completing.request(to).compose(request -> request.send(Buffer.buffer(json)))
                .compose(answer -> answer.body()
                        .map(body -> new Completion(call.subject(), answer.statusCode(), body.toString())))
                .onSuccess(completions::add);
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    /** How a call of the stub's own to a completion URL was answered. */
    public record Completion(String subject, int status, String body) {
    }

    /** A call that is to be answered. */
    record Exchange(ServiceStub stub, ServiceCall call, HttpServerResponse response) {

        Vertx vertx() {
            return stub.vertx;
        }

        /** Posts an output to where the part may be completed. */
        Future<Completion> complete(String json) {
            return stub.complete(call, json);
        }

        /** Gives how much was written in all. */
        long wrote(int bytes) {
            return stub.written.addAndGet(bytes);
        }
    }
}
