package io.ancillary;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.Behaviour;
import io.ancillary.testsupport.Hit;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RawConnection;
import io.ancillary.testsupport.Receiver;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.StartAttempt;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/**
 * Every flow, with each secret marked, and everything that goes wrong with it. Nothing that the service says of itself has a
 * mark in it: not its log, though it is at DEBUG, no answer to a stranger, no metric, no health.
 */
class SecretsIT {
    private static final String MARK = "MARKED";
    private static final String STATION = "123e4567-e89b-12d3-a456-426614174000";
    private static final String OPERATOR = MARK + "-operator-token";
    private static final String PRODUCER = MARK + "-producer-token";
    private static final String SIGNING = MARK + "signingSecretOf32Base64sAA";
    private static final String DRIVER = MARK + "-driver-token-of-the-test";
    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir
    Path directory;

    private final RedisProcess redis = RedisProcess.start();
    private final Receiver processor = Receiver.start(SecretsIT::process);
    private final Receiver webhook = Receiver
            .start((hit,
                    peer) -> (hit.text().contains("fail") ? Behaviour.status(500, Map.of(), (MARK + "-answer").getBytes(UTF_8))
                            : Behaviour.ok()).answer(hit, peer));
    private final List<String> answers = new ArrayList<>();
    private JarProcess service;

    @AfterEach
    void stop() {
        Stream.of(Optional.ofNullable(service)).flatMap(Optional::stream).forEach(JarProcess::close);
        processor.close();
        webhook.close();
        redis.close();
    }

    /** In each of the ways in which a remote processor may. */
    private static void process(Hit hit, io.ancillary.testsupport.Conversation peer) throws IOException {
        String asked = hit.text();
        byte[] output = ("\"" + MARK + "-output\"").getBytes(UTF_8);
        Behaviour behaviour = asked.contains("later") ? Behaviour.status(202)
                : asked.contains("never") ? Behaviour.status(400, Map.of(), output)
                        : asked.contains("sometime") ? Behaviour.status(500, Map.of(), output)
                                : asked.contains("garbage") ? Behaviour.status(200, Map.of(), "{MARKED".getBytes(UTF_8))
                                        : asked.contains("driver_token")
                                                ? Behaviour.status(200, Map.of(), "{\"status\":\"allowed\"}".getBytes(UTF_8))
                                                : Behaviour.status(200, Map.of(), output);
        behaviour.answer(hit, peer);
    }

    @Test
    void areNowhere() throws IOException {
        redis.command("CONFIG", "SET", "requirepass", MARK + "-redis-password");
        service = JarProcess.start(environment()).awaitReady();

        packets();
        sessions();
        strangers();
        await().atMost(SOON).until(() -> webhook.hits().stream().anyMatch(hit -> hit.text().contains("fail"))
                && webhook.hits().stream().anyMatch(hit -> hit.text().contains(DRIVER)));
        complete();
        malformed();
        answers.add(get(service.management("/q/metrics").toString()));
        answers.add(get(service.management("/q/health").toString()));
        answers.add(get(service.management("/q/health/ready").toString()));
        answers.add(get(service.uri("/q/openapi").toString()));
        redis.kill();
        packet("while Redis is away", 202, 503);
        service.stop();

        assertThat(service.output()).as("at DEBUG").contains("DEBUG").hasSizeGreaterThan(20_000);
        assertThat(service.output().lines().filter(line -> line.contains(MARK))).as("log").isEmpty();
        assertThat(answers).hasSizeGreaterThan(25).noneMatch(answer -> answer.contains(MARK));
    }

    private Map<String, String> environment() throws IOException {
        Path list = Files.writeString(directory.resolve("acl.json"), "{\"" + STATION + "\":[\"" + DRIVER + "\"]}");
        return Map.ofEntries(Map.entry("QUARKUS_LOG_LEVEL", "DEBUG"), Map.entry("QUARKUS_REDIS_HOSTS",
                "redis://:" + MARK + "-redis-password@127.0.0.1:" + redis.port()),
                Map.entry("ANCILLARY_OPERATOR_TOKEN", OPERATOR), Map.entry("ANCILLARY_PRODUCER_TOKEN", PRODUCER),
                Map.entry("ANCILLARY_WEBHOOK_URL", webhook.uri() + "?key=" + MARK + "-query"),
                Map.entry("ANCILLARY_WEBHOOK_SIGNING_SECRETS", "whsec_" + SIGNING),
                Map.entry("ANCILLARY_PACKETS_SERVICE_URL", processor.uri() + "?key=" + MARK + "-query"),
                Map.entry("ANCILLARY_PACKETS_SERVICE_AUTHORIZATION", "Bearer " + MARK + "-authorization"),
                Map.entry("ANCILLARY_PACKETS_SERVICE_RETRY_DELAY", "10ms"),
                Map.entry("ANCILLARY_PACKETS_SERVICE_ATTEMPTS", "2"),
                Map.entry("ANCILLARY_SESSIONS_SERVICE_URL", processor.uri().toString()),
                Map.entry("ANCILLARY_SESSIONS_SERVICE_AUTHORIZATION", MARK + "-authorization"),
                Map.entry("ANCILLARY_SESSIONS_ACL_FILE", list.toString()),
                Map.entry("ANCILLARY_PUBLIC_URL", "http://127.0.0.1:1"),
                Map.entry("ANCILLARY_DELIVERY_RETRY_SCHEDULE", "0s,10ms"),
                Map.entry("ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", "127.0.0.1/32"));
    }

    private RequestSpecification producer() {
        return given().port(service.port()).contentType("application/json").header("Authorization", "Bearer " + PRODUCER);
    }

    private void packet(String payload, Integer... statuses) {
        send(Map.of("resource_id", Api.newId(), "payload", MARK + " " + payload, "packet_index", 1, "last_chunk_flag", true),
                statuses);
    }

    private void send(Map<String, ?> packet, Integer... statuses) {
        answers.add(expect(producer().body(packet).post(Api.PACKETS), statuses));
    }

    private static String expect(Response answer, Integer... statuses) {
        assertThat(answer.statusCode()).as(answer.asString()).isIn((Object[]) statuses);
        return answer.statusCode() + " " + answer.headers() + answer.asString();
    }

    private void packets() {
        for (String payload : List.of("at once", "later", "never", "sometime", "garbage")) {
            packet(payload, 202);
        }
        long id = Api.newId();
        send(Map.of("resource_id", id, "payload", MARK + "-payload", "packet_index", 1), 202);
        send(Map.of("resource_id", id, "payload", MARK + "-other-payload", "packet_index", 1), 409);
        send(Map.of("resource_id", id, "payload", MARK + "-payload", "packet_index", 2, "callback_url",
                "http://10.0.0.1/?key=" + MARK), 400);
        send(Map.of("resource_id", MARK + " ", "payload", List.of(MARK), "packet_index", MARK), 400);
        answers.add(expect(given().port(service.port()).get(Api.RESOURCES + "/" + id), 200));
    }

    private void sessions() {
        for (String path : List.of("?key=" + MARK, "fail?key=" + MARK)) {
            answers.add(expect(producer().header("Idempotency-Key", MARK + path.length()).body(Map.of("station_id", STATION,
                    "driver_token", DRIVER, "callback_url", webhook.uri() + path)).post(Api.SESSION), 202));
        }
        answers.add(expect(
                producer().body(Map.of("station_id", MARK, "driver_token", MARK, "callback_url", "http://" + MARK + "@x/"))
                        .post(Api.SESSION),
                400));
    }

    private void strangers() {
        for (int i = 0; i < 11; i++) {
            RequestSpecification wrong = given().port(service.port()).header("Authorization", "Bearer " + MARK + "-wrong-" + i);
            answers.add(expect(wrong.get("/api/v1/deliveries"), 401, 429));
        }
        for (String path : List.of("/api/v1/deliveries?token=" + MARK, Api.OUTPUTS + MARK, "/" + MARK,
                Api.SESSIONS + "/0-" + MARK)) {
            for (String method : List.of("GET", "POST", "PUT")) {
                answers.add(given().port(service.port()).urlEncodingEnabled(false).contentType("application/json").body("{}")
                        .request(method, path).asString());
            }
            try (RawConnection connection = RawConnection.open(service.port())) {
                connection.write("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
                answers.add(connection.read(SOON).orElseThrow().toString());
            }
        }
    }

    /** With the token of the part that was put off, which is a secret of its own. */
    private void complete() {
        String url = processor.hits().stream().filter(hit -> hit.text().contains("later")).findFirst().orElseThrow().headers()
                .get("ancillary-completion-url");
        String token = url.substring(url.lastIndexOf('/') + 1);
        String secret = token.substring(token.lastIndexOf('.') + 1);
        for (String output : List.of("{" + MARK, "\"" + MARK + "-output\"", "\"" + MARK + "-other\"")) {
            Response answer = given().port(service.port()).contentType("application/json").body(output.getBytes(UTF_8))
                    .post(Api.OUTPUTS + token);
            answers.add(answer.asString());
        }
        await().atMost(SOON).until(() -> webhook.hits().stream().anyMatch(hit -> hit.text().contains(MARK + "-output")));
        assertThat(answers).noneMatch(answer -> answer.contains(secret));
        assertThat(get(service.management("/q/metrics").toString())).doesNotContain(secret);
        assertThat(service.output().lines().filter(line -> line.contains(secret))).as("a completion token in the log")
                .isEmpty();
    }

    private void malformed() {
        for (String request : List.of("GET /" + MARK + " HTTP/9.9\r\n\r\n", "GET /%z" + MARK + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST " + Api.PACKETS + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + PRODUCER
                        + "\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n{" + MARK,
                "GET / HTTP/1.1\r\nHost: a\r\nCookie: " + MARK.repeat(5000) + "\r\n\r\n")) {
            try (RawConnection connection = RawConnection.open(service.port())) {
                connection.write(request);
                answers.add(connection.read(Duration.ofSeconds(2)).map(it -> it.head() + it.body()).orElse(""));
            }
        }
    }

    private static String get(String uri) {
        Response answer = given().get(uri);
        return answer.headers() + answer.asString();
    }

    @ParameterizedTest
    @CsvSource({ "ANCILLARY_WEBHOOK_SIGNING_SECRETS, whsec_MARKED", "ANCILLARY_WEBHOOK_SIGNING_SECRETS, MARKED",
            "ANCILLARY_WEBHOOK_URL, 'http://user:MARKED@host/'", "ANCILLARY_WEBHOOK_URL, 'http://ho st/MARKED'",
            "ANCILLARY_PACKETS_SERVICE_URL, 'http://user:MARKED@host/'", "QUARKUS_REDIS_HOSTS, 'redis://:MARKED'",
            "ANCILLARY_PACKETS_SERVICE_AUTHORIZATION, 'MARKED\u00e9'" })
    void areNotRepeated_whenTheyAreWhatIsWrong(String variable, String value) {
        Map<String, String> environment = new HashMap<>(Map.of("QUARKUS_REDIS_HOSTS", redis.url()));
        environment.put(variable, value);
        StartAttempt attempt = StartAttempt.with(environment);

        assertThat(attempt.exitCode()).isEqualTo(1);
        assertThat(attempt.out() + attempt.err()).isNotBlank().doesNotContain(MARK);
    }
}
