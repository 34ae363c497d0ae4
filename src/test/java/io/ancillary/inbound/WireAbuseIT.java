package io.ancillary.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RawConnection;
import io.ancillary.testsupport.RawConnection.Answer;
import io.ancillary.testsupport.RedisProcess;
import io.restassured.RestAssured;
import io.restassured.config.HttpClientConfig;
import io.restassured.specification.RequestSpecification;

/** What clients do to a connection, byte by byte, to the packaged service. */
class WireAbuseIT {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final int MOST_CONNECTIONS = 150;
    private static final String POST = "POST " + Api.PACKETS + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";

    private static RedisProcess redis;
    private static JarProcess service;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL", "http://127.0.0.1:1/",
                "ANCILLARY_HTTP_HEADERS_TIMEOUT", PATIENCE.toMillis() + "ms", "ANCILLARY_HTTP_BODY_TIMEOUT",
                PATIENCE.toMillis() + "ms", "ANCILLARY_HTTP_UNFINISHED_BODIES", "2M", "QUARKUS_HTTP_LIMITS_MAX_CONNECTIONS",
                String.valueOf(MOST_CONNECTIONS), "QUARKUS_HTTP_IDLE_TIMEOUT", "3S"), "-Xmx96m").awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
        redis.close();
    }

    private static RequestSpecification given() {
        return RestAssured.given().config(RestAssured.config().httpClient(HttpClientConfig.httpClientConfig()
                .setParam("http.socket.timeout", (int) SOON.toMillis())
                .setParam("http.connection.timeout", (int) SOON.toMillis())));
    }

    private static RawConnection open() {
        return RawConnection.open(service.port());
    }

    private static String packet(long id) {
        return Api.packet(id, 1, "a", false);
    }

    private static String request(String body) {
        return POST + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static int received(long id) {
        var answer = given().port(service.port()).get(Api.RESOURCES + "/" + id);
        return answer.statusCode() == 404 ? 0 : answer.jsonPath().getInt("received");
    }

    private static double cut(String reason) {
        return given().baseUri(service.management("/q/metrics").toString()).get().asString().lines()
                .filter(line -> line.startsWith("ancillary_connections_cut_total") && line.contains('"' + reason + '"'))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    static Stream<Arguments> faults() {
        String body = packet(1);
        String chunked = "30\r\n" + body.substring(0, 48) + "\r\n0\r\n\r\n";
        String get = "GET /api/v1/ancillary/resources/1 HTTP/1.1\r\n";
        return Stream.of(
                fault("two different lengths", POST + "Content-Length: 48\r\nContent-Length: 5\r\n\r\n" + body),
                fault("a length and chunks", POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked),
                fault("chunks and a length", POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunked),
                fault("an unknown encoding", POST + "Transfer-Encoding: xchunked\r\n\r\n" + chunked),
                fault("two encodings", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked),
                fault("the encoding twice",
                        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked),
                fault("chunks in HTTP/1.0", POST.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n" + chunked),
                fault("a negative length", POST + "Content-Length: -1\r\n\r\n" + body),
                fault("a signed length", POST + "Content-Length: +48\r\n\r\n" + body),
                fault("a length in letters", POST + "Content-Length: abc\r\n\r\n" + body),
                fault("a length beyond numbers", POST + "Content-Length: 99999999999999999999\r\n\r\n" + body),
                fault("a list of lengths", POST + "Content-Length: 48, 48\r\n\r\n" + body),
                fault("a blank before a colon", get + "Host : a\r\n\r\n"),
                fault("no host", get + "\r\n"),
                fault("no proper host", get + "Host: a b/@\r\n\r\n"),
                fault("hosts in a list", get + "Host: a, b\r\n\r\n"),
                fault("a tunnel", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n"),
                fault("a URL without a host", "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n"),
                fault("a backslash", "GET /api\\v1\\deliveries HTTP/1.1\r\nHost: a\r\n\r\n"),
                fault("two hosts", get + "Host: a\r\nHost: b\r\n\r\n"),
                fault("TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\r\n\r\n"),
                fault("half an escape", "GET /api/v1/ancillary/resources/%z HTTP/1.1\r\nHost: a\r\n\r\n"),
                fault("a NUL in the path", "GET /api/v1/ancillary/resources/a\u0000b HTTP/1.1\r\nHost: a\r\n\r\n"),
                fault("a letter beyond ASCII", "GET /api/v1/ancillary/resources/\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n"),
                Arguments.of("a long line", "GET /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri_too_long"),
                Arguments.of("a large header", get + "Host: a\r\nX: " + "a".repeat(30_000) + "\r\n\r\n", 431,
                        "headers_too_large"),
                Arguments.of("many headers", get + "Host: a\r\n" + "X: y\r\n".repeat(8000) + "\r\n", 431, "headers_too_large"),
                Arguments.of("HTTP/9.1", get.replace("HTTP/1.1", "HTTP/9.1") + "Host: a\r\n\r\n", 505,
                        "http_version_not_supported"),
                Arguments.of("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"));
    }

    private static Arguments fault(String name, String request) {
        return Arguments.of(name, request, 400, "invalid_request");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void refusesWhatIsNotCertain_andAllThatComesAfterIt(String name, String request, int status, String code) {
        long smuggled = Api.newId();
        try (RawConnection connection = open()) {
            connection.write(request + request(packet(smuggled)));

            Answer answer = connection.read(SOON).orElseThrow();

            Api.assertProblem(answer.status(), answer.body(), status, code);
            assertThat(answer.header("connection")).isEqualTo("close");
            assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(answer.header("content-security-policy")).isNotEmpty();
            assertThat(connection.isClosed(SOON)).isTrue();
            assertThat(received(smuggled)).isZero();
        }
    }

    /** A server in front of this one may read another size: what stands behind such a body is nobody's request. */
    @ParameterizedTest
    @ValueSource(strings = { "%x\r\n%s\r\n0\r\n\r\n", "1000000%02x\r\n%s\r\n0\r\n\r\n", "%x;a\rb\r\n%s\r\n0\r\n\r\n",
            " %x \r\n%s\r\n0\r\n\r\n" })
    void readsNothingBehindABodyInChunks(String form) {
        long id = Api.newId();
        long smuggled = Api.newId();
        String body = packet(id);
        try (RawConnection connection = open()) {
            connection.write(POST + "Transfer-Encoding: chunked\r\n\r\n" + String.format(form, body.length(), body)
                    + request(packet(smuggled)));

            connection.read(SOON).ifPresent(answer -> assertThat(answer.header("connection")).isEqualTo("close"));
            assertThat(connection.isClosed(SOON)).isTrue();
        }
        assertThat(received(smuggled)).isZero();
    }

    /** Ten connections, each with a hundred thousand requests, and none of them reads an answer. */
    @Test
    void readsNoFurther_whenNobodyReadsTheAnswers() {
        List<RawConnection> deaf = new ArrayList<>();
        String requests = "GET /api/v1/ancillary/resources/none HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
        try {
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                RawConnection connection = open();
                deaf.add(connection);
                Thread writer = new Thread(() -> IntStream.range(0, 100).allMatch(n -> connection.write(requests)));
                writer.setDaemon(true);
                writer.start();
                writers.add(writer);
            }
            await().pollDelay(Duration.ofSeconds(2)).atMost(SOON).until(WireAbuseIT::takesInAtOnce);
            assertThat(writers).as("not all of it is read").anyMatch(Thread::isAlive);
            assertThat(takesInAtOnce()).isTrue();
        } finally {
            deaf.forEach(RawConnection::close);
        }
        assertThat(service.isReady()).isTrue();
        assertThat(service.output()).doesNotContain("OutOfMemory");
    }

    /** A byte at a time costs the service a hundred times as much as a client, unless it sees to that. */
    @Test
    void makesOneOfManySmallPieces() {
        List<RawConnection> greedy = new ArrayList<>();
        byte[] pieces = "1\r\n \r\n".repeat(100_000).getBytes(UTF_8);
        try {
            for (int i = 0; i < 20; i++) {
                RawConnection connection = open();
                greedy.add(connection);
                connection.write(POST + "Transfer-Encoding: chunked\r\n\r\n");
                connection.write(pieces);
            }
            assertThat(takesInAtOnce()).isTrue();
            assertThat(unfinishedBytes()).isLessThanOrEqualTo(2.2 * 1024 * 1024);
        } finally {
            greedy.forEach(RawConnection::close);
        }
        assertThat(service.output()).doesNotContain("OutOfMemory");
    }

    @Test
    void answersWhatIsRefusedUnread_thoughItsChunksCameWithIt() {
        for (String target : List.of("GET /nowhere", "PUT " + Api.PACKETS, "POST /api/v1/deliveries/redeliver")) {
            try (RawConnection connection = open()) {
                connection.write(target + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");

                assertThat(connection.read(SOON).map(Answer::status)).as(target).isPresent();
                assertThat(connection.isClosed(SOON)).as(target).isTrue();
            }
        }
    }

    @Test
    void answersInTurn_whatIsSentAtOnce_andRefusesWhatIsWrongAmongIt() {
        List<Long> ids = IntStream.range(0, 100).mapToObj(i -> Api.newId()).toList();
        try (RawConnection connection = open()) {
            ids.forEach(id -> connection.write(request(packet(id))));
            connection.write("GET / HTTP/1.1\r\n\r\n" + request(packet(1)));

            assertThat(ids).allMatch(id -> connection.read(SOON).orElseThrow().status() == 202);
            assertThat(connection.read(SOON).map(Answer::status)).contains(400);
            assertThat(connection.isClosed(SOON)).isTrue();
        }
        assertThat(ids).allMatch(id -> received(id) == 1);
    }

    @Test
    void cutsOffWhoSaysNothing_orNeverComesToTheEndOfItsHeaders() {
        double before = cut("headers");
        try (RawConnection silent = open(); RawConnection slow = open()) {
            long began = System.nanoTime();
            slow.write("GET / HTTP/1.1\r\n");
            dribble(slow, "X: y\r\n");

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(PATIENCE, PATIENCE.multipliedBy(3));
            assertThat(silent.isClosed(SOON)).isTrue();
        }
        assertThat(cut("headers") - before).isGreaterThanOrEqualTo(2);
    }

    @Test
    void cutsOffTheSecondRequestLikeTheFirst_andLeavesAloneWhoWaitsInBetween() {
        try (RawConnection connection = open()) {
            connection.write(request(packet(Api.newId())));
            assertThat(connection.read(SOON).orElseThrow().status()).isEqualTo(202);
            assertThat(connection.isClosed(PATIENCE.plusMillis(700))).as("idle").isFalse();

            connection.write(request(packet(Api.newId())));
            assertThat(connection.read(SOON).orElseThrow().status()).isEqualTo(202);
            connection.write("G");
            assertThat(connection.isClosed(PATIENCE.multipliedBy(2))).as("half a request").isTrue();
        }
    }

    @Test
    void cutsOffABodyThatDoesNotCome_withoutTakingItIn() {
        double before = cut("body");
        long id = Api.newId();
        try (RawConnection connection = open(); RawConnection chunked = open()) {
            connection.write(POST + "Content-Length: 100000\r\n\r\n" + packet(id).substring(0, 10));
            chunked.write(POST + "Transfer-Encoding: chunked\r\n\r\n");
            dribble(chunked, "1\r\n \r\n");

            assertThat(connection.isClosed(SOON)).isTrue();
        }
        assertThat(cut("body") - before).isGreaterThanOrEqualTo(2);
        assertThat(received(id)).isZero();
    }

    /** Until the other side has enough of it. */
    private static void dribble(RawConnection connection, String piece) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(50)).until(() -> !connection.write(piece));
    }

    @Test
    void takesInWhatCameWhole_thoughItsClientSaysNoMoreAfterIt() {
        long id = Api.newId();
        try (RawConnection connection = open()) {
            connection.write(request(packet(id)));
            connection.endWriting();

            assertThat(connection.isClosed(SOON)).isTrue();
        }
        await().atMost(SOON).until(() -> received(id) == 1);
    }

    @Test
    void forgetsWhatCameHalf_whenItsClientSaysNoMore() {
        long id = Api.newId();
        try (RawConnection connection = open()) {
            String request = request(packet(id));
            connection.write(request.substring(0, request.length() - 1));
            connection.endWriting();

            assertThat(connection.isClosed(PATIENCE)).isTrue();
        }
        assertThat(received(id)).isZero();
    }

    /** Each body alone is allowed; all together they are more than the service has memory for. */
    @Test
    void holdsNoMoreOfUnfinishedBodiesThanItMay_andGoesOn() {
        List<RawConnection> greedy = new ArrayList<>();
        byte[] body = "x".repeat(250_000).getBytes(UTF_8);
        double before = cut("memory");
        try {
            for (int i = 0; i < 100; i++) {
                RawConnection connection = open();
                greedy.add(connection);
                connection.write(POST + "Content-Length: " + (body.length + 1) + "\r\n\r\n");
                connection.write(body);
            }
            assertThat(takesInAtOnce()).isTrue();
            await().atMost(SOON).untilAsserted(() -> assertThat(cut("memory") - before).isGreaterThan(80));
            assertThat(unfinishedBytes()).isLessThanOrEqualTo(2 * 1024 * 1024);
        } finally {
            greedy.forEach(RawConnection::close);
        }
        await().atMost(SOON).until(() -> unfinishedBytes() == 0);
        assertThat(service.output()).doesNotContain("OutOfMemory");
    }

    private static double unfinishedBytes() {
        return given().baseUri(service.management("/q/metrics").toString()).get().asString().lines()
                .filter(line -> line.startsWith("ancillary_bodies_unfinished_bytes")).findFirst()
                .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).orElseThrow();
    }

    private static boolean takesInAtOnce() {
        try (RawConnection connection = open()) {
            long began = System.nanoTime();
            connection.write(request(packet(Api.newId())));
            return connection.read(SOON).orElseThrow().status() == 202
                    && TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) < SOON.toMillis();
        }
    }

    @Test
    void closesConnectionsBeyondTheLimit_andTakesOthersWhenThereIsRoom() {
        List<RawConnection> idle = new ArrayList<>();
        try {
            for (int i = 0; i < MOST_CONNECTIONS + 20; i++) {
                idle.add(open());
            }
            assertThat(idle.get(idle.size() - 1).isClosed(PATIENCE.dividedBy(2))).isTrue();
        } finally {
            idle.forEach(RawConnection::close);
        }
        await().atMost(SOON).until(() -> {
            try (RawConnection connection = open()) {
                return connection.write(request(packet(Api.newId()))) && connection.read(SOON).isPresent();
            }
        });
    }

    @Test
    void endsWhatIsIdle() {
        try (RawConnection connection = open()) {
            connection.write(request(packet(Api.newId())));
            assertThat(connection.read(SOON).orElseThrow().status()).isEqualTo(202);

            assertThat(connection.isClosed(SOON)).isTrue();
        }
    }

    @Test
    void hasNothingToSayOfAllThisInItsLog() {
        assertThat(service.output().lines().filter(line -> line.contains("ERROR") || line.contains("Exception"))).isEmpty();
    }
}
