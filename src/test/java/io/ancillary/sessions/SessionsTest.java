package io.ancillary.sessions;

import static io.ancillary.testsupport.Api.ACCESS_LIST;
import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.SESSION;
import static io.ancillary.testsupport.Api.SESSIONS;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.json;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.operator;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;

/** Requests to start a charging session: acknowledged at once, decided by the access control list, called back. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = {
        @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN),
        @ResourceArg(name = "ancillary.callbacks.allowed-networks", value = "127.0.0.0/8") })
class SessionsTest {
    private static final String ACKNOWLEDGEMENT = "{\"status\":\"accepted\",\"message\":\"Request is being processed"
            + " asynchronously. The result will be sent to the provided callback URL.\"}";

    WebhookSink sink;

    private final String station = UUID.randomUUID().toString();
    private final String driver = "driver-token." + newId() + "~_long-enough";

    @Test
    void acknowledges_withExactlyTwoFields() {
        Response answer = start(station, driver);

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.asString()).isEqualTo(ACKNOWLEDGEMENT);
    }

    @Test
    void isInvalid_whenNobodyKnowsTheDriver() {
        start(station, driver);

        assertThat(sink.awaitBody(driver)).isEqualTo("{\"station_id\":\"" + station + "\",\"driver_token\":\"" + driver
                + "\",\"status\":\"invalid\"}");
    }

    @Test
    void isAllowed_whenTheStationsEntryHoldsTheDriver() {
        allow(station, List.of(driver, "another-driver-token-here"));

        start(station, driver);

        assertThat(statusCalledBack()).isEqualTo("allowed");
    }

    @Test
    void isAllowed_whenTheStationAllowsEverybody() {
        allow(station, "*");

        start(station, driver);

        assertThat(statusCalledBack()).isEqualTo("allowed");
    }

    @Test
    void isNotAllowed_whenOnlyAnotherStationsEntryHoldsTheDriver() {
        allow(UUID.randomUUID().toString(), List.of(driver));

        start(station, driver);

        assertThat(statusCalledBack()).isEqualTo("not_allowed");
    }

    @Test
    void isInvalidAgain_whenTheOnlyEntryWithTheDriverIsTakenOut() {
        allow(station, List.of(driver));
        operator().delete(ACCESS_LIST + station).then().statusCode(204);

        start(station, driver);

        assertThat(statusCalledBack()).isEqualTo("invalid");
    }

    @Test
    void isNotAllowed_whenTheEntryIsReplacedByOneWithoutTheDriver() {
        allow(UUID.randomUUID().toString(), List.of(driver));
        allow(station, List.of(driver));
        allow(station, List.of("another-driver-token-here"));

        start(station, driver);

        assertThat(statusCalledBack()).isEqualTo("not_allowed");
    }

    @Test
    void tellsHowItStands_toWhoeverKnowsItsId() {
        allow(station, List.of(driver));
        String location = start(station, driver).header("Location");
        sink.await(driver, 1);

        await().untilAsserted(() -> given().get(location).then().statusCode(200)
                .body("delivery.status", org.hamcrest.Matchers.equalTo("delivered")));
        Map<String, Object> session = given().get(location).jsonPath().getMap("");

        assertThat(location).matches("(https?://[^/]+)?/charge_point/sessions/0-[0-9a-v]{26}");
        assertThat(session).containsEntry("station_id", station).containsEntry("driver_token", driver)
                .containsEntry("callback_url", sink.uri().toString()).containsEntry("status", "allowed")
                .containsEntry("decided_by", "internal_authorization_service")
                .containsKeys("id", "created_at", "updated_at", "decided_at", "deadline");
        assertThat(Instant.parse((String) session.get("deadline")))
                .isEqualTo(Instant.parse((String) session.get("created_at")).plusSeconds(60));
    }

    @Test
    void carriesItsIdAsWebhookId() {
        String location = start(station, driver).header("Location");

        String id = sink.await(driver, 1).get(0).header("webhook-id");

        assertThat(location).endsWith("/" + id);
    }

    @Test
    void isTwoSessions_whenADriverAsksTwice() {
        start(station, driver);
        start(station, driver);

        assertThat(sink.await(driver, 2)).extracting(received -> received.header("webhook-id")).doesNotHaveDuplicates();
    }

    @Test
    void isOneSession_whenTheRequestIsRepeatedWithItsIdempotencyKey() {
        String key = "key-" + newId();
        String first = startWithKey(key, driver).header("Location");

        Response again = startWithKey(key, driver);

        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(again.header("Location")).isEqualTo(first);
        assertThat(operator().get(SESSIONS + "?limit=1000").jsonPath().<String> getList("sessions.driver_token"))
                .containsOnlyOnce(driver);
    }

    @Test
    void refusesAnotherRequest_withTheSameIdempotencyKey() {
        String key = "key-" + newId();
        startWithKey(key, driver);

        assertProblem(startWithKey(key, driver + "x"), 422, "idempotency_conflict");
    }

    @ParameterizedTest
    @ValueSource(strings = { "with space", "é" })
    void refusesAnIdempotencyKey_thatIsNotVisible(String key) {
        assertProblem(startWithKey(key, driver), 400, "invalid_request");
    }

    @Test
    void refusesAnIdempotencyKey_thatIsTooLong() {
        assertThat(startWithKey("k".repeat(255), driver).statusCode()).isEqualTo(202);
        assertProblem(startWithKey("k".repeat(256), driver), 400, "invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET", "PUT", "DELETE", "PATCH" })
    void refusesOtherMethods(String method) {
        Response answer = given().contentType("application/json").body("{}").request(method, SESSION);

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(answer.jsonPath().getString("error"))
                .isEqualTo("Invalid request method. request is " + method + ". But should be POST.");
        assertThat(answer.header("Allow")).isEqualTo("POST");
    }

    @Test
    void saysAllThatIsWrong_inTheShapeOfAnError() {
        Response answer = given().contentType("application/json").body("{\"driver_token\":\"short\"}").post(SESSION);

        assertProblem(answer, 400, "invalid_request", "station_id", "driver_token", "callback_url");
        assertThat(answer.jsonPath().getString("error")).isEqualTo("station_id is missing \n"
                + "driver token len is 5. But it should be between 20 and 80 characters \ncallback_url is missing");
    }

    @Test
    void refusesACallbackToAPrivateAddress() {
        Response answer = given().contentType("application/json")
                .body(json(Map.of("station_id", station, "driver_token", driver, "callback_url", "http://10.0.0.1/")))
                .post(SESSION);

        assertProblem(answer, 400, "invalid_request", "callback_url");
    }

    @Test
    void knowsNoSession_thatNeverWas() {
        for (String id : List.of("0-aaaaaaaaaaaaaaaaaaaaaaaaa", "99-a", "nothing", "0-", "-1-a")) {
            assertProblem(given().get(SESSIONS + "/" + id), 404, "not_found");
        }
    }

    @Test
    void listsSessions_newestFirst_withTheirNumber() {
        String older = start(station, driver).header("Location");
        String newer = start(station, driver).header("Location");

        List<String> ids = operator().get(SESSIONS + "?limit=1000").jsonPath().getList("sessions.id");
        int count = operator().get(SESSIONS + "?limit=1").jsonPath().getInt("count");

        assertThat(ids.indexOf(idOf(newer))).isLessThan(ids.indexOf(idOf(older))).isNotNegative();
        assertThat(count).isGreaterThanOrEqualTo(ids.size());
    }

    @Test
    void pagesThroughSessions_byCursor() {
        start(station, driver);
        start(station, driver);
        JsonPath first = operator().get(SESSIONS + "?limit=1").jsonPath();
        String cursor = first.getString("next_cursor");

        List<String> next = operator().get(SESSIONS + "?limit=1&cursor=" + cursor).jsonPath().getList("sessions.id");

        assertThat(next).hasSize(1).doesNotContainNull().isNotEqualTo(first.getList("sessions.id"));
    }

    private static String idOf(String location) {
        return location.substring(location.lastIndexOf('/') + 1);
    }

    private String statusCalledBack() {
        return sink.await(driver, 1).get(0).json().path("status").asText();
    }

    private static void allow(String station, Object tokens) {
        operator().contentType("application/json").body(json(Map.of("driver_tokens", tokens)))
                .put(ACCESS_LIST + station).then().statusCode(200);
    }

    private Response start(String atStation, String asDriver) {
        return given().contentType("application/json").body(request(atStation, asDriver)).post(SESSION);
    }

    private Response startWithKey(String key, String asDriver) {
        return given().header("Idempotency-Key", key).contentType("application/json").body(request(station, asDriver))
                .post(SESSION);
    }

    private String request(String atStation, String asDriver) {
        return json(Map.of("station_id", atStation, "driver_token", asDriver, "callback_url", sink.uri().toString()));
    }
}
