package io.ancillary.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.inject.Inject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.quarkus.test.junit.QuarkusTest;

/** One turn at a receiver that misbehaves below HTTP. */
@QuarkusTest
class WebhookClientTest {
    private static final long MOST_BYTES = 256L * 1024 * 1024;
    private static final Delivery DELIVERY = new Delivery("0-abc-1", new CollationId("packets", "1"), "abc-1", 1, 0, 0);

    @Inject
    WebhookClient client;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong written = new AtomicLong();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    @Test
    void isDelivered_andReadsNoFurther_whenTheAnswerNeverEnds() {
        serve("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n", true);

        Settlement settlement = turn();

        assertThat(settlement).isEqualTo(new Settlement.Delivered(1));
        await().atMost(Duration.ofSeconds(15)).until(() -> ended.get() == connections.get());
        assertThat(written).hasValueLessThan(MOST_BYTES / 16);
    }

    @ParameterizedTest
    @ValueSource(strings = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\nx",
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.0 200 OK\r\n\r\nuntil it closes" })
    void isDelivered_whenTheAnswerIsShort(String answer) {
        serve(answer, false);

        assertThat(turn()).isEqualTo(new Settlement.Delivered(1));
    }

    @Test
    void isNotDelivered_whenARefusalNeverEnds() {
        serve("HTTP/1.1 500 No\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n", true);

        Settlement settlement = turn();

        assertThat(settlement).isInstanceOfSatisfying(Settlement.Failed.class, failed -> {
            assertThat(failed.attempts()).isEqualTo(3);
            assertThat(failed.error()).isEqualTo("the webhook answered 500");
        });
        await().atMost(Duration.ofSeconds(15)).until(() -> ended.get() == connections.get());
        assertThat(written).hasValueLessThan(MOST_BYTES / 4);
    }

    @Test
    void isNotDelivered_whenTheConnectionIsClosedWithoutAnAnswer() {
        serve("", false);

        assertThat(turn()).isInstanceOfSatisfying(Settlement.Failed.class,
                failed -> assertThat(failed.attempts()).isEqualTo(3));
    }

    private Settlement turn() {
        URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
        return client.deliver(DELIVERY, () -> Optional.of(new Letter(uri, true, "{}"))).await()
                .atMost(Duration.ofSeconds(60));
    }

    private void serve(String head, boolean endless) {
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    connections.incrementAndGet();
                    threads.execute(() -> answer(socket, head, endless));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    /** Bounded, whatever the client does. */
    private void answer(Socket socket, String head, boolean endless) {
        byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(US_ASCII);
        try (socket) {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(US_ASCII));
            while (endless && written.addAndGet(chunk.length) < MOST_BYTES) {
                out.write(chunk);
            }
        } catch (IOException e) {
            // The client has had enough.
        } finally {
            ended.incrementAndGet();
        }
    }
}
