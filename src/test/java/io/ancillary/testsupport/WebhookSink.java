package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A real receiver of webhooks on a free port, or on one of a test's choice. It keeps all it receives; what it answers
 * can be arranged for a resource, and is 200 otherwise.
 */
public final class WebhookSink implements AutoCloseable {

    public static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final Map<String, Queue<Answer>> arranged = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService workers = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "webhook-sink");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    private WebhookSink(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(workers);
        server.start();
    }

    public static WebhookSink start() {
        return new WebhookSink(0);
    }

    public static WebhookSink startOn(int port) {
        return new WebhookSink(port);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/webhook");
    }

    /** What the next requests for a resource get, in this order; what comes after them gets 200. */
    public void answer(Object resourceId, Answer... answers) {
        arranged.computeIfAbsent(resourceId.toString(), id -> new ConcurrentLinkedQueue<>()).addAll(List.of(answers));
    }

    public void answer(Object resourceId, int... statuses) {
        for (int status : statuses) {
            answer(resourceId, Answer.of(status));
        }
    }

    public List<Received> all() {
        return List.copyOf(received);
    }

    public List<Received> of(Object resourceId) {
        return received.stream().filter(it -> it.resourceId().equals(resourceId.toString())).toList();
    }

    /** The body of a resource's first webhook, as soon as there is one. */
    public String awaitBody(Object resourceId) {
        return await(resourceId, 1).get(0).body();
    }

    /** A resource's webhooks, as soon as there are so many. */
    public List<Received> await(Object resourceId, int count) {
        Awaitility.await().alias("webhook for " + resourceId).atMost(PATIENCE).pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(of(resourceId)).hasSizeGreaterThanOrEqualTo(count));
        return of(resourceId);
    }

    /** Breaks off what hangs. */
    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        workers.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        long nanos = System.nanoTime();
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        Received request = new Received(exchange.getRequestMethod(), exchange.getRequestURI().getPath(),
                Map.copyOf(exchange.getRequestHeaders()), body, nanos);
        received.add(request);
        Queue<Answer> mine = arranged.getOrDefault(request.resourceId(), new ConcurrentLinkedQueue<>());
        Answer next = mine.poll();
        Answer answer = next == null ? Answer.of(200) : next;
        try (exchange) {
            if (!closing.await(answer.after().toMillis(), TimeUnit.MILLISECONDS)) {
                exchange.sendResponseHeaders(answer.status(), -1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A status, and how long it is waited before it is given. */
    public record Answer(int status, Duration after) {

        public static Answer of(int status) {
            return new Answer(status, Duration.ZERO);
        }

        public static Answer delayed(Duration after) {
            return new Answer(200, after);
        }

        /** Takes the request and never answers. */
        public static Answer hang() {
            return new Answer(200, Duration.ofDays(1));
        }
    }

    /** One request as it came in. */
    public record Received(String method, String path, Map<String, List<String>> headers, String body, long arrivalNanos) {

        /** A header's value; null when it did not come. */
        public String header(String name) {
            return headers.entrySet().stream().filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> String.join(",", header.getValue())).findFirst().orElse(null);
        }

        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** As text, whether it came as a number or as a string; of a session, the driver's token. */
        public String resourceId() {
            return json().path("resource_id").asText(json().path("driver_token").asText());
        }
    }
}
