package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each receiver of the gallery does what it is there for, as plain clients see it. */
class ReceiverGalleryTest {
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final int READ_TIMEOUT_MILLIS = 10_000;

    private static TestAuthority authority;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void found() {
        authority = TestAuthority.create();
    }

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 200, 204, 400, 410, 429, 500, 502, 503, 504 })
    void answersAndKeepsTheConnection_whenItHasAStatus(int status) throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.status(status)));

        List<Integer> statuses = List.of(post(receiver).statusCode(), post(receiver).statusCode());

        assertThat(statuses).containsExactly(status, status);
        assertThat(receiver.hits()).hasSize(2);
        assertThat(receiver.connections()).isOne();
        assertThat(receiver.openConnections()).isOne();
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void keepsTheWholeRequest_whateverItsFraming(BodyPublisher body) throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.ok()));
        Instant before = Instant.now();

        client.send(HttpRequest.newBuilder(receiver.uri().resolve("/hook?a=b")).header("Webhook-Id", "p-1")
                .header("X-Two", "1").header("X-Two", "2").POST(body).build(), BodyHandlers.discarding());

        assertThat(receiver.hits()).singleElement().satisfies(hit -> {
            assertThat(hit.webhookId()).isEqualTo("p-1");
            assertThat(hit.headers()).containsEntry("webhook-id", "p-1").containsEntry("x-two", "1,2");
            assertThat(hit.path()).isEqualTo("/hook?a=b");
            assertThat(hit.text()).hasSize(100_000).startsWith("äää");
            assertThat(hit.at()).isBetween(before, Instant.now());
            assertThat(hit.nanos()).isLessThan(System.nanoTime());
        });
    }

    static Stream<BodyPublisher> bodies() {
        byte[] body = "ä".repeat(100_000).getBytes(UTF_8);
        return Stream.of(BodyPublishers.ofByteArray(body),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    }

    @Test
    void keepsNothing_whenTheRequestIsBrokenOff() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.ok()));

        try (Socket socket = ask(receiver, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nfive!")) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }

        assertThat(receiver.hits()).isEmpty();
    }

    @Test
    void endsTheConnection_whenTheRequestIsTheLast() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.ok()));

        String answer = all(ask(receiver, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));

        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
    }

    @Test
    void pointsToTheMetadata_whenItRedirectsThere() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.redirectToMetadata()));

        HttpResponse<byte[]> answer = post(receiver);

        assertThat(answer.statusCode()).isEqualTo(301);
        assertThat(answer.headers().firstValue("Location")).hasValue("http://169.254.169.254/latest/meta-data/");
    }

    @ParameterizedTest
    @ValueSource(booleans = { true, false })
    void countsWhoFollows_whenItRedirectsToAnother(boolean follows) throws Exception {
        Receiver elsewhere = open(Receiver.start(Behaviour.ok()));
        Receiver receiver = open(Receiver.start(Behaviour.redirect(elsewhere.uri())));
        HttpClient follower = HttpClient.newBuilder().followRedirects(follows ? Redirect.ALWAYS : Redirect.NEVER)
                .build();

        follower.send(request(receiver).build(), BodyHandlers.discarding());

        assertThat(receiver.hits()).hasSize(1);
        assertThat(elsewhere.hits()).hasSize(follows ? 1 : 0);
    }

    @ParameterizedTest
    @MethodSource("retryAfters")
    void saysWhenToComeAgain_whenItIsTooMany(Behaviour tooMany, List<String> retryAfter) throws Exception {
        Receiver receiver = open(Receiver.start(tooMany));

        HttpResponse<byte[]> answer = post(receiver);

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().allValues("Retry-After")).isEqualTo(retryAfter);
    }

    static Stream<Arguments> retryAfters() {
        return Stream.of(Arguments.of(Behaviour.tooMany(), List.of()),
                Arguments.of(Behaviour.tooManyFor(7), List.of("7")),
                Arguments.of(Behaviour.tooManyUntil(() -> Instant.parse("2030-01-02T03:04:05.6Z")),
                        List.of("Wed, 02 Jan 2030 03:04:05 GMT")),
                Arguments.of(Behaviour.tooManyForAbsurdlyLong(), List.of("99999999999999")));
    }

    @Test
    void refusesConnections_whenNothingListens() {
        Receiver receiver = open(Receiver.refused());

        Throwable failure = catchThrowable(() -> connect(receiver));

        assertThat(failure).isInstanceOf(ConnectException.class).hasMessageContaining("refused");
    }

    @Test
    void letsConnectionsHang_whenItNeverAccepts() {
        Receiver receiver = open(Receiver.neverAccepts());

        // Longer than Linux waits until it tries again.
        Throwable failure = catchThrowable(
                () -> open(new Socket()).connect(new InetSocketAddress("127.0.0.1", receiver.uri().getPort()), 1_500));

        assertThat(failure).isInstanceOf(SocketTimeoutException.class);
        assertThat(receiver.connections()).isZero();
    }

    @Test
    void resetsTheConnection_whenHalfTheBodyIsOut() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.resetMidBody()));
        InputStream in = ask(receiver).getInputStream();
        String head = head(in);
        byte[] half = in.readNBytes(500);

        Throwable failure = catchThrowable(in::read);

        assertThat(head).startsWith("HTTP/1.1 200 ").contains("Content-Length: 1000\r\n");
        assertThat(half).hasSize(500);
        assertThat(failure).isInstanceOf(SocketException.class).hasMessageContaining("reset");
    }

    @Test
    void resetsTheConnection_whenItIsNotToAnswer() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.resetBeforeAnswer()));
        InputStream in = ask(receiver).getInputStream();

        Throwable failure = catchThrowable(in::read);

        assertThat(failure).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        assertThat(receiver.hits()).hasSize(1);
        assertThat(receiver.bytesWritten()).isZero();
    }

    @Test
    void dripsTheBodyUntilThePeerGoes_whenTheHeadIsOut() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.headersThenDrip(503)));

        try (Socket socket = ask(receiver)) {
            assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 503 ").contains("Content-Length: 3000\r\n");
            assertThat(socket.getInputStream().readNBytes(2)).asString(UTF_8).isEqualTo("xx");
            assertThat(receiver.bytesWritten()).isLessThan(1_000);
        }

        await().until(() -> receiver.openConnections() == 0);
    }

    @Test
    void dripsTheHeadUntilThePeerGoes_whenHeadersNeverEnd() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.headersNeverEnd()));
        String start = "HTTP/1.1 200 As-Arranged\r\nX-Endless: ";

        try (Socket socket = ask(receiver)) {
            byte[] head = socket.getInputStream().readNBytes(start.length() + 2);
            assertThat(head).asString(UTF_8).isEqualTo(start + "xx");
        }

        await().until(() -> receiver.openConnections() == 0);
    }

    @Test
    void writesOnUntilThePeerGoes_whenTheBodyIsEndless() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.endlessBody(500)));

        try (Socket socket = ask(receiver)) {
            assertThat(socket.getInputStream().readNBytes(1_000_000)).asString(UTF_8).startsWith("HTTP/1.1 500 ");
        }

        await().until(() -> receiver.openConnections() == 0);
        assertThat(receiver.bytesWritten()).isBetween(900_000L, Behaviour.MOST_BYTES / 2);
    }

    @Test
    void stops_whenEvenTheEndlessIsTooMuch() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.endlessBody(200, 1_000_000)));

        String answer = all(ask(receiver));

        assertThat(answer).hasSizeBetween(1_000_000, 1_100_000).endsWith("x\r\n");
        assertThat(receiver.bytesWritten()).isEqualTo(answer.length());
    }

    @Test
    void sendsLittleThatIsMuch_whenItIsABomb() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.gzipBomb()));

        HttpResponse<byte[]> answer = post(receiver);

        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(answer.body()).hasSizeLessThan(1_000_000);
        assertThat(expanded(answer.body())).isEqualTo(1_000_000_000);
    }

    @Test
    void timesOut_whenItNeverAnswers() {
        Receiver receiver = open(Receiver.start(Behaviour.neverAnswers()));

        Throwable failure = catchThrowable(() -> postWithin(SHORT, receiver));

        assertThat(failure).isInstanceOf(HttpTimeoutException.class);
        assertThat(receiver.hits()).hasSize(1);
        assertThat(receiver.bytesWritten()).isZero();
        await().until(() -> receiver.openConnections() == 0);
    }

    @Test
    void doesNotShakeHands_whenTlsIsSlow() {
        Receiver receiver = open(Receiver.slowTls());

        Throwable failure = catchThrowable(() -> postWithin(SHORT, receiver));

        assertThat(failure).isInstanceOf(HttpTimeoutException.class);
        assertThat(receiver.connections()).isOne();
        assertThat(receiver.hits()).isEmpty();
    }

    @Test
    void isTrusted_whenItsAuthorityIs() throws Exception {
        Receiver receiver = open(Receiver.tls(authority, Behaviour.ok()));

        HttpResponse<Void> answer = trusting().send(request(receiver).build(), BodyHandlers.discarding());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(receiver.hits()).hasSize(1);
    }

    @Test
    void isNotTrusted_whenItsAuthorityIsNot() {
        Receiver receiver = open(Receiver.tls(authority, Behaviour.ok()));

        Throwable failure = catchThrowable(() -> post(receiver));

        assertThat(failure).isInstanceOf(SSLHandshakeException.class);
        assertThat(receiver.hits()).isEmpty();
    }

    @Test
    void isNotTrusted_whenItsCertificateHasExpired() {
        Receiver receiver = open(Receiver.expiredCertificate(authority));

        Throwable failure = catchThrowable(() -> trusting().send(request(receiver).build(), BodyHandlers.discarding()));

        assertThat(failure).isInstanceOf(SSLHandshakeException.class)
                .hasRootCauseInstanceOf(CertificateExpiredException.class);
        assertThat(receiver.hits()).isEmpty();
    }

    @Test
    void behavesInAnotherWay_whenItHasBehavedInOneSoOften() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.first(2, Behaviour.status(500), Behaviour.ok())));

        List<Integer> statuses = List.of(post(receiver).statusCode(), post(receiver).statusCode(),
                post(receiver).statusCode(), post(receiver).statusCode());

        assertThat(statuses).containsExactly(500, 500, 200, 200);
    }

    @Test
    void answersLater_whenDelayed() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.delayed(Duration.ofMillis(200), Behaviour.status(202))));

        HttpResponse<byte[]> answer = post(receiver);

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(System.nanoTime() - receiver.hits().get(0).nanos()).isGreaterThanOrEqualTo(200_000_000);
    }

    @Test
    void answersBoth_whenTheSecondRequestComesWithinTheDelay() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.delayed(Duration.ofMillis(50), Behaviour.ok())));

        String answers = all(ask(receiver, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n"));

        assertThat(answers.split("200 As-Arranged", -1)).hasSize(3);
        assertThat(receiver.hits()).extracting(Hit::path).containsExactly("/1", "/2");
    }

    @Test
    void givesUp_whenThePeerGoesWithinTheDelay() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.delayed(Duration.ofMinutes(5), Behaviour.ok())));
        Socket socket = ask(receiver);
        await().until(() -> receiver.hits().size() == 1);

        socket.close();

        await().until(() -> receiver.openConnections() == 0);
        assertThat(receiver.bytesWritten()).isZero();
    }

    @Test
    void givesUp_whenThePeerHasReadNothingForTooLong() throws Exception {
        Receiver receiver = open(Receiver.start(Behaviour.endlessBody(200), SHORT));

        ask(receiver);

        await().until(() -> receiver.hits().size() == 1 && receiver.openConnections() == 0);
        assertThat(receiver.bytesWritten()).isLessThan(Behaviour.MOST_BYTES / 2);
    }

    @ParameterizedTest
    @MethodSource("stuck")
    void leavesNoThread_whenItIsClosed(Receiver receiver) throws Exception {
        open(receiver);
        open(new Socket("localhost", receiver.uri().getPort())).getOutputStream()
                .write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
        await().until(() -> receiver.openConnections() == 1);

        receiver.close();

        assertThat(receiver.openConnections()).isZero();
        awaitNoThreadOf(receiver);
    }

    @Test
    void leavesNoThread_whenItIsClosedWhileTlsIsStuck() throws Exception {
        Receiver receiver = open(Receiver.tls(authority, Behaviour.endlessBody(200)));
        Socket socket = open(
                authority.trusting().getSocketFactory().createSocket("localhost", receiver.uri().getPort()));
        socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
        await().until(() -> receiver.bytesWritten() > 100_000);

        receiver.close();

        assertThat(receiver.openConnections()).isZero();
        awaitNoThreadOf(receiver);
    }

    static Stream<Receiver> stuck() {
        return Stream.of(Receiver.start(Behaviour.neverAnswers()), Receiver.start(Behaviour.endlessBody(200)),
                Receiver.start(Behaviour.headersThenDrip(200)),
                Receiver.start(Behaviour.delayed(Duration.ofMinutes(5), Behaviour.ok())), Receiver.slowTls());
    }

    /** A pool has terminated a moment before its last thread has. */
    private static void awaitNoThreadOf(Receiver receiver) {
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                .doesNotContain("receiver-" + receiver.uri().getPort()));
    }

    private HttpResponse<byte[]> post(Receiver receiver) throws IOException, InterruptedException {
        return client.send(request(receiver).build(), BodyHandlers.ofByteArray());
    }

    private void postWithin(Duration timeout, Receiver receiver) throws IOException, InterruptedException {
        client.send(request(receiver).timeout(timeout).build(), BodyHandlers.discarding());
    }

    private static HttpRequest.Builder request(Receiver receiver) {
        return HttpRequest.newBuilder(receiver.uri()).POST(BodyPublishers.ofString("{}"));
    }

    private static HttpClient trusting() {
        return HttpClient.newBuilder().sslContext(authority.trusting()).build();
    }

    private Socket ask(Receiver receiver) throws IOException {
        return ask(receiver, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    private Socket ask(Receiver receiver, String request) throws IOException {
        Socket socket = connect(receiver);
        socket.getOutputStream().write(request.getBytes(UTF_8));
        return socket;
    }

    private Socket connect(Receiver receiver) throws IOException {
        URI uri = receiver.uri();
        Socket socket = open(new Socket(uri.getHost(), uri.getPort()));
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        return socket;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readNBytes(1)[0]);
        }
        return head.toString();
    }

    private static String all(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }

    private static long expanded(byte[] gzip) throws IOException {
        byte[] part = new byte[64 * 1024];
        long bytes = 0;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                bytes += read;
            }
        }
        return bytes;
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }
}
