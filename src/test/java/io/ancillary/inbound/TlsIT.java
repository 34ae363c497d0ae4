package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        // Without a warm-up it is ready a moment before it listens.
        await().ignoreExceptions().until(() -> {
            connect().close();
            return true;
        });
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

    /** As clients do that have their first request ready: it comes with the end of the handshake, and the rest of it later. */
    @ParameterizedTest
    @ValueSource(ints = { 0, 100, 20_000, 200_000 })
    void readsWhatComesWithTheHandshake(int padding) throws IOException {
        String body = PACKET.formatted("with-" + padding) + " ".repeat(padding);
        byte[] request = ("POST " + Api.PACKETS + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII);
        int first = request.length - (padding + 20) / 2;
        for (int i = 0; i < 5; i++) {
            HeldSocket held = new HeldSocket(port);
            try (SSLSocket socket = (SSLSocket) authority.trusting().getSocketFactory().createSocket(held, "localhost", port,
                    true)) {
                socket.setSoTimeout(10_000);
                socket.startHandshake();
                socket.getOutputStream().write(request, 0, first);
                held.release();
                LockSupport.parkNanos(50_000_000);
                socket.getOutputStream().write(request, first, request.length - first);

                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8))
                        .isEqualTo("HTTP/1.1 202");
            }
        }
    }

    /** Keeps back what is written after the first flight, until it is let go, in one piece. */
    private static final class HeldSocket extends Socket {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final OutputStream real;
        private boolean holding;
        private boolean released;

        HeldSocket(int port) throws IOException {
            super(InetAddress.getByName("localhost"), port);
            setTcpNoDelay(true);
            real = super.getOutputStream();
        }

        void release() throws IOException {
            released = true;
            real.write(kept.toByteArray());
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int each) throws IOException {
                    write(new byte[] { (byte) each }, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    if (released || !holding) {
                        real.write(bytes, from, length);
                        holding = true;
                    } else {
                        kept.write(bytes, from, length);
                    }
                }
            };
        }
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
