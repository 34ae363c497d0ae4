package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.TestAuthority;

/** The packaged service with TLS, set up by Quarkus' own keys; its connections are watched all the same. */
class TlsIT {
    private static final String PACKET = "{\"resource_id\":\"tls-%s\",\"payload\":\"a\",\"packet_index\":1}";
    private static TestAuthority authority;
    private static RedisProcess redis;
    private static JarProcess service;
    private static int port;

    @BeforeAll
    static void start() {
        authority = TestAuthority.create();
        TestAuthority.ServerFiles files = authority.serverFiles();
        redis = RedisProcess.start();
        port = RedisProcess.freePort();
        service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL", "http://127.0.0.1:1/",
                "QUARKUS_HTTP_SSL_CERTIFICATE_FILES", files.certificate().toString(),
                "QUARKUS_HTTP_SSL_CERTIFICATE_KEY_FILES",
                files.key().toString(), "QUARKUS_HTTP_INSECURE_REQUESTS",
                "disabled", "QUARKUS_HTTP_SSL_PORT", String.valueOf(port), "ANCILLARY_HTTP_HEADERS_TIMEOUT", "1s"))
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
        redis.close();
    }

    @Test
    void isSpoken_andNothingElse() throws IOException, InterruptedException {
        HttpClient client = HttpClient.newBuilder().sslContext(authority.trusting()).build();
        for (int i = 0; i < 20; i++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + Api.PACKETS))
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(PACKET.formatted(i)))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(202);
        }
        assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(service.uri("/")).build(),
                HttpResponse.BodyHandlers.discarding())).isInstanceOf(ConnectException.class);
    }

    @Test
    void isCutOff_whenTheHeadersDoNotCome() throws IOException {
        try (SSLSocket socket = connect()) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void isRefused_whenTheBodyHasTwoLengths() throws IOException {
        try (SSLSocket socket = connect()) {
            socket.getOutputStream().write(("POST " + Api.PACKETS + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 400 ")
                    .contains("says in two ways how long its body is");
        }
    }

    private static SSLSocket connect() throws IOException {
        SSLSocket socket = (SSLSocket) authority.trusting().getSocketFactory().createSocket("localhost", port);
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }
}
