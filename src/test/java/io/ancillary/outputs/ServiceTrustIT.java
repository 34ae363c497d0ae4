package io.ancillary.outputs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.WebhookSink;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;

/** A remote service behind TLS is trusted by Quarkus' own keys, and not otherwise. */
class ServiceTrustIT {
    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final RedisProcess redis = RedisProcess.start();
    private final WebhookSink sink = WebhookSink.start();
    private final AtomicInteger calls = new AtomicInteger();
    private HttpServer service;

    @BeforeEach
    void start() throws Exception {
        service = vertx.createHttpServer(new HttpServerOptions().setSsl(true)
                .setKeyCertOptions(new PfxOptions().setPath(keys().toString()).setPassword(PASSWORD)))
                .requestHandler(request -> {
                    calls.incrementAndGet();
                    request.response().end("[1]");
                }).listen(0, "localhost").toCompletionStage().toCompletableFuture().get();
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        redis.close();
        sink.close();
    }

    @Test
    void isAsked_whenItsCertificateIsTrusted() throws Exception {
        try (JarProcess replica = replica(Map.of("QUARKUS_TLS_TRUST_STORE_P12_PATH", keys().toString(),
                "QUARKUS_TLS_TRUST_STORE_P12_PASSWORD", PASSWORD))) {
            send(replica, "trusted");

            assertThat(sink.awaitBody("trusted")).contains("\"output\":[1]");
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void isAskedNothing_whenNobodyTrustsItsCertificate() throws Exception {
        try (JarProcess replica = replica(Map.of("ANCILLARY_PACKETS_DEADLINE", "1500ms"))) {
            send(replica, "not-trusted");

            assertThat(sink.awaitBody("not-trusted")).contains("\"incomplete\"", "\"error\":\"deadline\"");
        }
        assertThat(calls).hasValue(0);
    }

    private JarProcess replica(Map<String, String> besides) {
        Map<String, String> environment = new HashMap<>(besides);
        environment.put("QUARKUS_REDIS_HOSTS", redis.url());
        environment.put("ANCILLARY_WEBHOOK_URL", sink.uri().toString());
        environment.put("ANCILLARY_PACKETS_SERVICE_URL", "https://localhost:" + service.actualPort() + "/process");
        return JarProcess.start(environment).awaitReady();
    }

    private static void send(JarProcess replica, String resource) throws Exception {
        URI uri = replica.uri(Api.PACKETS);
        HttpRequest request = HttpRequest.newBuilder(uri).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Api.packet(resource, 1, "Bat", true), UTF_8)).build();
        assertThat(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(202);
    }

    /** A certificate that signs itself, with its key: what the service shows, and what it is trusted by. */
    private Path keys() throws Exception {
        Path keys = directory.resolve("keys.p12");
        if (!keys.toFile().exists()) {
            String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
            Process process = new ProcessBuilder(List.of(keytool, "-genkeypair", "-alias", "service", "-keyalg", "EC", "-dname",
                    "CN=localhost", "-ext", "san=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore",
                    keys.toString(), "-storepass", PASSWORD)).redirectErrorStream(true).start();
            Awaitility.await().until(() -> !process.isAlive());
            assertThat(process.exitValue()).isZero();
        }
        return keys;
    }
}
