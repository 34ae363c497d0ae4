package io.ancillary.outputs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.WebhookSink;

/** Between a 202 and the output every process may end and begin again, and Redis too. */
class CompletionAfterRestartsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newHttpClient();
    private final WebhookSink sink = WebhookSink.start();
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
    private final List<String> completionPaths = new CopyOnWriteArrayList<>();
    private HttpServer service;

    /** Takes every part on and completes none. */
    @BeforeEach
    void start() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", this::takeOn);
        service.start();
    }

    private void takeOn(HttpExchange call) throws IOException {
        try (call) {
            call.getRequestBody().readAllBytes();
            completionPaths.add(URI.create(call.getRequestHeaders().getFirst("Ancillary-Completion-Url")).getPath());
            call.sendResponseHeaders(202, -1);
        }
    }

    @AfterEach
    void stop() {
        service.stop(0);
        redis.close();
        sink.close();
    }

    @Test
    void completes_whenEveryProcessWasKilledBetweenThe202AndTheOutput() throws Exception {
        String path;
        try (JarProcess first = replica(); JarProcess second = replica()) {
            assertThat(post(first, Api.PACKETS, Api.packet("long-running", 1, "Bat Ball", true)).statusCode()).isEqualTo(202);
            await().atMost(PATIENCE).until(() -> completionPaths.size() == 1 && isWaiting(second));
            path = completionPaths.get(0);
            first.kill();
            second.kill();
        }
        redis.kill();
        redis.restart();

        try (JarProcess third = replica(); JarProcess fourth = replica()) {
            assertThat(isWaiting(fourth)).isTrue();
            assertThat(post(third, path, "[7]").statusCode()).isEqualTo(200);

            assertThat(sink.awaitBody("long-running")).contains("\"completed\"", "\"output\":[7]");
            assertThat(post(fourth, path, "[7]").statusCode()).isEqualTo(200);
            HttpResponse<String> other = post(fourth, path, "[8]");
            Api.assertProblem(other.statusCode(), other.body(), 409, "content_conflict");
        }
        assertThat(completionPaths).hasSize(1);
        assertThat(sink.of("long-running")).hasSize(1);
    }

    private JarProcess replica() {
        return JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL", sink.uri().toString(),
                "ANCILLARY_PACKETS_SERVICE_URL", "http://127.0.0.1:" + service.getAddress().getPort() + "/",
                "ANCILLARY_PUBLIC_URL", "https://ancillary.example.com/behind/a/path/")).awaitReady();
    }

    private boolean isWaiting(JarProcess replica) throws Exception {
        URI uri = replica.uri(Api.RESOURCES + "/long-running");
        return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString()).body()
                .contains("\"waiting\":1");
    }

    /** The public URL has a path of its own, which somebody in front of the service takes off. */
    private HttpResponse<String> post(JarProcess replica, String path, String json) throws Exception {
        return http.send(HttpRequest.newBuilder(replica.uri(path.replace("/behind/a/path", "")))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json, UTF_8)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
