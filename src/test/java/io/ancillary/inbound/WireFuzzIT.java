package io.ancillary.inbound;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.Dice;
import io.ancillary.testsupport.Fuzz;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RawConnection;
import io.ancillary.testsupport.RawConnection.Answer;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * Requests of every kind there is, right, almost right and quite wrong, as bytes to the packaged service: its paths, methods,
 * headers, tokens, cursors, parameters and bodies. Whatever comes, the answer is one of the contract's, no error is the
 * service's own, and nothing of its inside is told.
 */
class WireFuzzIT {
    private static final int CASES = 2_000;
    /** What is not all there is waited for by the service, and not by the test. */
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Set<Integer> STATUSES = Set.of(200, 202, 204, 400, 401, 404, 405, 406, 409, 410, 413, 414, 415, 417,
            422,
            429, 431, 503, 505);
    private static final Set<String> CODES = Set.of("invalid_request", "not_found", "content_conflict", "index_beyond_last",
            "last_conflict", "resource_finished", "over_capacity", "store_unavailable", "no_webhook", "unauthorized",
            "method_not_allowed", "not_acceptable", "too_large", "unsupported_media_type", "finished", "idempotency_conflict",
            "too_many_attempts", "uri_too_long", "headers_too_large", "http_version_not_supported");
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE",
            "CONNECT", "get", "X");
    private static final String STATION = "123e4567-e89b-12d3-a456-426614174000";
    private static final List<String> REQUESTS = List.of("POST " + Api.PACKETS, "POST " + Api.PACKETS, "POST " + Api.PACKETS,
            "POST " + Api.SESSION, "POST " + Api.SESSION, "GET " + Api.SESSIONS, "GET " + Api.SESSIONS + "/0-abc",
            "GET " + Api.RESOURCES, "GET " + Api.RESOURCES + "/1", "DELETE " + Api.RESOURCES + "/a:b",
            "POST " + Api.OUTPUTS + "0-packets:1:abc-1:1.AAAAAAAAAAAAAAAAAAAAAA", "GET " + Api.PARTS,
            "POST " + Api.PARTS + "/0-packets:1:abc-1:1/retry", "GET /api/v1/deliveries", "GET /api/v1/deliveries/0-abc-1",
            "POST /api/v1/deliveries/0-abc-1/redeliver", "POST /api/v1/deliveries/redeliver",
            "GET " + Api.ACCESS_LIST + STATION,
            "PUT " + Api.ACCESS_LIST + STATION, "DELETE " + Api.ACCESS_LIST + STATION, "GET /", "GET /q/health",
            "GET /q/metrics",
            "GET /q/openapi", "GET /demo/webhook", "OPTIONS *", "GET http://localhost/api/v1/ancillary/resources");

    private static final Map<Integer, Integer> ANSWERS = new TreeMap<>();
    private static RedisProcess redis;
    private static JarProcess service;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL", "http://127.0.0.1:1/",
                "ANCILLARY_DELIVERY_RETRY_SCHEDULE", "1h", "ANCILLARY_OPERATOR_TOKEN", Api.OPERATOR_TOKEN)).awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
        redis.close();
    }

    @Test
    void answersAsTheContractSays_whateverComes() {
        Fuzz.run("wire", CASES, WireFuzzIT::request, WireFuzzIT::isTaken);

        System.out.println("answers by status, 0 for none: " + ANSWERS);
        assertThat(ANSWERS.keySet()).contains(200, 202, 204, 400, 401, 404, 405, 409, 413, 415);
        assertThat(service.output().lines().filter(line -> line.contains("ERROR") || line.contains("Exception")
                || line.contains("\tat "))).isEmpty();
        assertThat(service.isReady()).isTrue();
    }

    private static boolean isTaken(byte[] request) {
        Optional<Answer> answer = answer(request);
        ANSWERS.merge(answer.map(Answer::status).orElse(0), 1, Integer::sum);
        answer.ifPresent(WireFuzzIT::check);
        return answer.filter(it -> it.status() < 300).isPresent();
    }

    private static Optional<Answer> answer(byte[] request) {
        try (RawConnection connection = RawConnection.open(service.port())) {
            connection.write(request);
            return connection.read(PATIENCE);
        }
    }

    private static void check(Answer answer) {
        assertThat(STATUSES).as(answer.toString()).contains(answer.status());
        assertThat(answer.head() + answer.body())
                .doesNotContainPattern("Exception|\\b(java|jakarta|io|com|org)\\.[a-z]+\\.|\\bat "
                        + "\\w+\\.|ERR |NOSCRIPT|WRONGTYPE|redis|Jackson|\\[Source");
        if (answer.status() >= 400 && !answer.body().isEmpty()) {
            JsonObject problem = problem(answer);
            assertThat(problem.getString("status")).isEqualTo("failed");
            assertThat(problem.getString("error")).isNotBlank();
            assertThat(CODES).as(answer.toString()).contains(problem.getString("code"));
        }
    }

    private static JsonObject problem(Answer answer) {
        try {
            return new JsonObject(answer.body());
        } catch (DecodeException e) {
            throw new AssertionError("not the shape of an error: " + answer, e);
        }
    }

    private static byte[] request(Dice dice) {
        String[] usual = dice.any(REQUESTS).split(" ");
        String method = dice.one(10) ? dice.any(METHODS) : usual[0];
        String path = usual[1];
        String body = body(dice, path);
        byte[] bytes = dice.one(8) ? dice.damaged(body.getBytes(UTF_8)) : body.getBytes(UTF_8);
        StringBuilder head = new StringBuilder(method + " " + path(dice, path) + query(dice) + " HTTP/1."
                + (dice.one(30) ? "0" : "1") + "\r\n");
        headers(dice, bytes.length).forEach(header -> head.append(header).append("\r\n"));
        byte[] request = (head + "\r\n" + new String(bytes, ISO_8859_1)).getBytes(ISO_8859_1);
        return dice.one(12) ? dice.damaged(request) : request;
    }

    private static String path(Dice dice, String path) {
        String changed = dice.one(6)
                ? path + dice.pick("/", "//", "/..", "/../..", "%2f", "%2e%2e", ";a=b", "%00", "%c0%ae", "\u00e9", "?")
                : path;
        return dice.one(10) ? new String(dice.damaged(changed.getBytes(ISO_8859_1)), ISO_8859_1).replaceAll("[ \r\n]", "")
                : changed;
    }

    private static String query(Dice dice) {
        if (!dice.one(4)) {
            return "";
        }
        List<String> pairs = new ArrayList<>();
        for (int i = dice.below(4); i >= 0; i--) {
            pairs.add(dice.pick("limit", "cursor", "status", "host", "since", "wait", "x", "") + "="
                    + dice.pick("", "1", "0", "1001", "-1", "1e3", "abc", "pending", "dead", "delivered", "completed",
                            "collecting",
                            "2026-01-01T00:00:00Z", "2026-13-01", "%00", "%ff", "%7B", "a%20b", cursor(dice), cursor(dice)));
        }
        return "?" + String.join("&", pairs);
    }

    /** As they are written, of other things than they are made of. */
    private static String cursor(Dice dice) {
        String text = dice.pick("0 ", "1 ", "", "-1 ", "9999 ", "99999999999 ") + dice.pick("", "1", "outbox 0 x", "flight 0 ",
                "packets 1700000000000 1", "sessions -5 a", "letters 99999999999999999999 x", "packets 0 " + "a".repeat(150),
                "1700000000000 abc", "nosuch 1 1", dice.string());
        byte[] bytes = dice.one(3) ? dice.damaged(text.getBytes(UTF_8)) : text.getBytes(UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static List<String> headers(Dice dice, int length) {
        List<String> headers = new ArrayList<>();
        headers.add(dice.one(40) ? "X: y" : "Host: " + (dice.one(20) ? visible(dice) : "localhost"));
        if (!dice.one(20)) {
            headers.add("Content-Type: " + (dice.one(8) ? dice.pick("text/plain", "application/xml", "*/*", "application/*",
                    "application/json; charset=utf-16", "application/json;", ";", "", "application/x-ndjson", visible(dice))
                    : "application/json"));
        }
        headers.add(dice.one(30) ? "Content-Length: " + dice.pick("0", "999999", "-1", "2097152", "abc", "1")
                : "Content-Length: " + length);
        if (!dice.one(4)) {
            headers.add("Authorization: " + (dice.one(4)
                    ? dice.pick("Bearer wrong", "bearer", "Basic YTpi", "Bearer", visible(dice))
                    : "Bearer " + Api.OPERATOR_TOKEN));
        }
        if (dice.one(6)) {
            headers.add(
                    "Idempotency-Key: "
                            + dice.pick("k1", "k1", "k1", "k2", "", "a b", "x".repeat(255), "x".repeat(256), visible(dice)));
        }
        if (dice.one(10)) {
            headers.add(dice.pick("Accept: ", "Expect: ", "Connection: ", "Transfer-Encoding: ", "Content-Encoding: ",
                    "Accept-Charset: ",
                    "X-Forwarded-For: ", "Cookie: ", "Range: ", "Upgrade: ", "Accept-Encoding: ", "Accept-Language: ",
                    "Origin: ")
                    + dice.pick("text/html", "application/json", "*/*;q=0", "100-continue", "close", "chunked", "gzip",
                            "bytes=0-",
                            "h2c", ";", "a=b; c", "q=x", "http://evil.example", visible(dice)));
        }
        return headers;
    }

    private static String visible(Dice dice) {
        return dice.string().replaceAll("[^ -~]", "?");
    }

    private static String body(Dice dice, String path) {
        if (dice.one(6)) {
            return dice.json(3);
        }
        if (path.startsWith(Api.ACCESS_LIST)) {
            return "{\"driver_tokens\":" + dice.pick("\"*\"", "[\"driver-token.of_demo~0001\"]", "[]", "[1]", dice.json(3))
                    + "}";
        }
        if (path.startsWith("/charge_point")) {
            return "{\"station_id\":" + dice.pick('"' + STATION + '"', dice.json(1)) + ",\"driver_token\":"
                    + dice.pick("\"driver-token.of_demo~0001\"", dice.json(1)) + ",\"callback_url\":"
                    + dice.pick("\"https://example.com/\"", "\"https://example.com/\"", "\"http://10.0.0.1/\"", dice.json(1))
                    + "}";
        }
        return "{\"resource_id\":" + dice.pick("1", "\"a:b\"", String.valueOf(Api.newId()), dice.json(1)) + ",\"payload\":"
                + dice.pick("\"Bat Ball\"", dice.json(1)) + ",\"packet_index\":" + dice.pick("1", "2", "7", dice.json(1))
                + (dice.one(3) ? ",\"last_chunk_flag\":" + dice.pick("true", "false", dice.json(1)) : "")
                + (dice.one(5) ? ",\"callback_url\":" + dice.pick("\"https://example.com/\"", dice.json(1)) : "") + "}";
    }
}
