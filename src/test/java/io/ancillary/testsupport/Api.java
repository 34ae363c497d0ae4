package io.ancillary.testsupport;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** The service's HTTP contract in a test's words. */
public final class Api {

    public static final String OPERATOR_TOKEN = "the-operators-token";
    public static final String PACKETS = "/api/v1/ancillary/packet/send-data/";
    public static final String SESSION = "/charge_point/session/";
    public static final String SESSIONS = "/charge_point/sessions";
    public static final String ACCESS_LIST = "/charge_point/acl/";
    public static final String RESOURCES = "/api/v1/ancillary/resources";
    public static final String OUTPUTS = "/api/v1/ancillary/outputs/";
    public static final String PARTS = "/api/v1/parts";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicLong IDS = new AtomicLong(1_000_000 + new SecureRandom().nextInt(1 << 30) * 1000L);

    private Api() {
    }

    /** An id that no other test has. */
    public static long newId() {
        return IDS.incrementAndGet();
    }

    public static String packet(Object resource, int index, String payload, boolean last) {
        return json(Map.of("resource_id", resource, "payload", payload, "packet_index", index, "last_chunk_flag", last));
    }

    public static Response send(Object resource, int index, String payload) {
        return post(packet(resource, index, payload, false));
    }

    public static Response sendLast(Object resource, int index, String payload) {
        return post(packet(resource, index, payload, true));
    }

    public static Response post(String json) {
        return post(json.getBytes(UTF_8));
    }

    public static Response post(byte[] json) {
        return unlessUnavailable(() -> given().contentType("application/json").body(json).post(PACKETS));
    }

    /**
     * Repeats a request as long as the answer is 503, as clients do: for a moment after its start the service is not
     * connected to Redis yet.
     */
    public static Response unlessUnavailable(Supplier<Response> request) {
        return Awaitility.await().atMost(Duration.ofSeconds(10)).pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50)).until(request::get, answer -> answer.statusCode() != 503);
    }

    public static Response resource(Object id) {
        return given().get(RESOURCES + "/" + id);
    }

    /** Gives a part's output, as a remote processor does that had put it off. */
    public static Response complete(String completionUrl, String json) {
        byte[] body = json.getBytes(UTF_8);
        return unlessUnavailable(() -> given().urlEncodingEnabled(false).contentType("application/json").body(body)
                .post(completionUrl));
    }

    /** Asks as the operator. */
    public static RequestSpecification operator() {
        return given().header("Authorization", "Bearer " + OPERATOR_TOKEN);
    }

    public static void drop(Object id) {
        unlessUnavailable(() -> operator().delete(RESOURCES + "/" + id));
    }

    public static int port() {
        return RestAssured.port;
    }

    /** Checks that an answer is an error as every error is: its status, its shape, and nothing told that is ours. */
    public static void assertProblem(Response answer, int status, String code, String... fields) {
        assertThat(answer.contentType()).as(answer.asString()).startsWith("application/json");
        assertProblem(answer.statusCode(), answer.asString(), status, code, fields);
    }

    public static void assertProblem(int actualStatus, String body, int status, String code, String... fields) {
        assertThat(actualStatus).as(body).isEqualTo(status);
        Problem problem = problem(body);
        assertThat(problem.status()).isEqualTo("failed");
        assertThat(problem.code()).as(body).isEqualTo(code);
        assertThat(problem.error()).isNotBlank()
                .doesNotContainPattern("Exception|\\b(java|jakarta|io|com|org)\\.|\\bat \\w+\\.");
        assertThat(problem.violations().stream().map(Violation::field)).as(body).containsExactly(fields);
        if (fields.length > 0) {
            assertThat(problem.error()).isEqualTo(
                    String.join(" \n", problem.violations().stream().map(Violation::message).toList()));
        }
    }

    /** A JSON object as text. */
    public static String json(Map<String, ?> fields) {
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Strict: a field that is not in the contract fails. */
    private static Problem problem(String body) {
        try {
            Problem problem = JSON.readValue(body, Problem.class);
            return problem.violations() == null
                    ? new Problem(problem.status(), problem.error(), problem.code(), List.of())
                    : requireSome(problem);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not the shape of an error: " + body, e);
        }
    }

    private static Problem requireSome(Problem problem) {
        assertThat(problem.violations()).as("left out where there are none").isNotEmpty();
        assertThat(Stream.of(problem.status(), problem.error(), problem.code())).doesNotContainNull();
        return problem;
    }

    private record Problem(String status, String error, String code, List<Violation> violations) {
    }

    private record Violation(String field, String message) {
    }
}
