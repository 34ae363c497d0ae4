package io.ancillary.sessions;

import static io.ancillary.testsupport.Api.SESSION;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.complete;
import static io.ancillary.testsupport.Api.json;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.ServiceBehaviour.gives;
import static io.ancillary.testsupport.ServiceBehaviour.givesBeforePuttingOff;
import static io.ancillary.testsupport.ServiceBehaviour.hangs;
import static io.ancillary.testsupport.ServiceBehaviour.putsOff;
import static io.ancillary.testsupport.ServiceBehaviour.putsOffThenGives;
import static io.ancillary.testsupport.ServiceBehaviour.says;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.ServiceBehaviour;
import io.ancillary.testsupport.ServiceResource;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.ancillary.testsupport.WebhookSink.Received;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;

/** Requests to start a charging session, decided by a service elsewhere, at once, later, or not in time. */
@QuarkusTest
@WithTestResource(SinkResource.class)
@WithTestResource(value = ServiceResource.class, initArgs = {
        @ResourceArg(name = "ancillary.callbacks.allowed-networks", value = "127.0.0.0/8"),
        @ResourceArg(name = "ancillary.sessions.decision-timeout", value = "2s"),
        @ResourceArg(name = "ancillary.sessions.service.attempts", value = "3"),
        @ResourceArg(name = "ancillary.sessions.service.retry-delay", value = "20ms"),
        // Here the service fails by the dozen, and no session is to wait for that.
        @ResourceArg(name = "ancillary.sessions.service.breaker-volume", value = "10000") })
class RemoteSessionsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    WebhookSink sink;
    ServiceStub service;

    private final String station = UUID.randomUUID().toString();
    private final String driver = "driver-token." + newId() + "~_long-enough";

    @ParameterizedTest
    @ValueSource(strings = { "allowed", "not_allowed", "invalid" })
    void isDecided_byTheService(String decision) {
        service.next(driver, gives("{\"status\":\"" + decision + "\",\"because\":[1]}"));

        String location = start();

        assertThat(sink.awaitBody(driver)).isEqualTo("{\"station_id\":\"" + station + "\",\"driver_token\":\"" + driver
                + "\",\"status\":\"" + decision + "\"}");
        assertThat(session(location).getString("decided_by")).isEqualTo("internal_authorization_service");
        assertThat(service.calls(driver)).hasSize(1);
    }

    @Test
    void tellsTheService_theStationAndTheDriverAndNothingElse() {
        start();

        assertThat(service.await(driver, 1).get(0).body())
                .isEqualTo("{\"station_id\":\"" + station + "\",\"driver_token\":\"" + driver + "\"}");
    }

    @Test
    void isDecided_whenTheServiceAnswersLater() {
        service.next(driver, putsOffThenGives("{\"status\":\"not_allowed\"}"));

        start();

        assertThat(statusCalledBack()).isEqualTo("not_allowed");
        assertThat(service.calls(driver)).hasSize(1);
    }

    @Test
    void isDecided_whenTheDecisionComesBeforeItIsKnownToBePutOff() {
        service.next(driver, givesBeforePuttingOff("{\"status\":\"allowed\"}"));

        start();

        assertThat(statusCalledBack()).isEqualTo("allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = { "{\"status\":\"unknown\"}", "{\"status\":\"ALLOWED\"}", "{\"status\":null}", "{\"status\":1}",
            "{\"status\":[\"allowed\"]}", "{}", "[]", "\"allowed\"", "null", "{\"status\":\"allowed\"} {}" })
    void isStillPending_whenWhatCameIsNoDecision(String body) {
        service.next(driver, putsOff());
        String location = start();

        Response answer = complete(service.await(driver, 1).get(0).completionUrl(), body);

        assertProblem(answer, 400, "invalid_request");
        assertThat(session(location).getString("status")).isEqualTo("pending");
        assertThat(sink.of(driver)).isEmpty();
    }

    @Test
    void isDecided_whenADecisionComesAfterWhatWasNone() {
        service.next(driver, putsOff());
        start();
        String url = service.await(driver, 1).get(0).completionUrl();
        complete(url, "{\"status\":\"maybe\"}");

        complete(url, "{\"status\":\"invalid\"}").then().statusCode(200);

        assertThat(statusCalledBack()).isEqualTo("invalid");
    }

    /** The decision is the same, whatever else is said with it. */
    @Test
    void isDecidedOnce() {
        service.next(driver, putsOff());
        start();
        String url = service.await(driver, 1).get(0).completionUrl();
        complete(url, "{\"status\":\"allowed\"}").then().statusCode(200);

        complete(url, "{\"status\": \"allowed\", \"again\": true}").then().statusCode(200);
        assertProblem(complete(url, "{\"status\":\"invalid\"}"), 409, "content_conflict");

        assertThat(sink.await(driver, 1)).hasSize(1);
        assertThat(statusCalledBack()).isEqualTo("allowed");
    }

    @Test
    void isUnknownAtTheDeadline_whenTheServiceNeverAnswers() {
        service.always(driver, hangs());

        assertUnknownAtTheDeadline();

        assertThat(service.calls(driver)).hasSize(1);
        await().atMost(WebhookSink.PATIENCE).untilAsserted(() -> assertThat(service.abandoned(driver)).isEqualTo(1));
    }

    @Test
    void isUnknownAtTheDeadline_whenTheServiceNeverAnswersLater() {
        service.always(driver, putsOff());

        assertUnknownAtTheDeadline();

        assertThat(service.calls(driver)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = { "{\"status\":\"unknown\"}", "[]", "{\"status\":\"maybe\"}" })
    void isUnknownAtTheDeadline_whenTheServiceDecidesSomethingElse(String answer) {
        service.always(driver, gives(answer));

        assertUnknownAtTheDeadline();

        assertThat(service.calls(driver)).hasSize(3);
    }

    @Test
    void isUnknownAtTheDeadline_whenTheServiceAnswersNoJson() {
        service.always(driver, says("text/html", "<html>"));

        assertUnknownAtTheDeadline();

        assertThat(service.calls(driver)).hasSize(1);
    }

    /** Who may not ask was told nothing about the driver. */
    @ParameterizedTest
    @ValueSource(ints = { 401, 403, 404 })
    void isUnknownAtTheDeadline_whenTheServiceRefusesToDecide(int status) {
        service.always(driver, status(status));

        assertUnknownAtTheDeadline();

        assertThat(service.calls(driver)).hasSize(1);
    }

    @Test
    void isDecided_whenTheServiceFailsAtFirst() {
        service.next(driver, status(503), ServiceBehaviour.breaksOff());

        start();

        assertThat(statusCalledBack()).isEqualTo("allowed");
        assertThat(service.calls(driver)).hasSize(3);
    }

    @Test
    void recordsADecisionThatComesLate_andCallsNobody() {
        service.next(driver, putsOff());
        String location = start();
        sink.await(driver, 1);

        assertProblem(complete(service.calls(driver).get(0).completionUrl(), "{\"status\":\"allowed\"}"), 410, "finished");

        assertThat(session(location).getString("late_answer")).isEqualTo("allowed");
        assertThat(session(location).getString("status")).isEqualTo("unknown");
        await().during(Duration.ofMillis(300)).atMost(WebhookSink.PATIENCE)
                .untilAsserted(() -> assertThat(sink.of(driver)).hasSize(1));
    }

    private void assertUnknownAtTheDeadline() {
        long before = System.nanoTime();
        String location = start();
        Received callback = sink.await(driver, 1).get(0);
        assertThat(callback.json().path("status").asText()).isEqualTo("unknown");
        // Redis counts whole milliseconds.
        assertThat(Duration.ofNanos(callback.arrivalNanos() - before)).isGreaterThan(TIMEOUT.minusMillis(2));
        JsonPath session = session(location);
        assertThat(session.getString("decided_by")).isEqualTo("deadline");
        assertThat(Instant.parse(session.getString("decided_at")))
                .isAfterOrEqualTo(Instant.parse(session.getString("deadline")));
    }

    private String start() {
        return given().contentType("application/json")
                .body(json(Map.of("station_id", station, "driver_token", driver, "callback_url", sink.uri().toString())))
                .post(SESSION).header("Location");
    }

    private static JsonPath session(String location) {
        return given().get(location).jsonPath();
    }

    private String statusCalledBack() {
        return sink.await(driver, 1).get(0).json().path("status").asText();
    }
}
