package io.ancillary.packets;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.RawHttp;
import io.ancillary.testsupport.SinkResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** Many packets in one body, a line each or as an array; with so little room that most of them must wait for it. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.journal.capacity", value = "20"))
class BulkTest {
    private static final String BULK = "/api/v1/ancillary/packets";
    private static final String LINES = "application/x-ndjson";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int MANY = 300;

    private static Response post(String type, String body) {
        return Api.unlessUnavailable(() -> given().header("Content-Type", type).body(body.getBytes(UTF_8)).post(BULK));
    }

    private static JsonPath report(Response answer) {
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
        assertThat(answer.contentType()).startsWith("application/json");
        return answer.jsonPath();
    }

    private static void assertReport(JsonPath report, int accepted, int duplicates, int rejected) {
        assertThat(List.of(report.getInt("accepted"), report.getInt("duplicates"), report.getInt("rejected_count")))
                .as(report.prettify()).containsExactly(accepted, duplicates, rejected);
    }

    private static String packets(long resource, int from, int to, String between) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> Api.packet(resource, i, "a".repeat(i % 7 + 1), i == to))
                .collect(Collectors.joining(between));
    }

    private static JsonPath resource(long id) {
        return Api.resource(id).jsonPath();
    }

    private static void assertCompletes(long id, int packets) {
        await().atMost(SOON).until(() -> "delivered".equals(resource(id).getString("status")));
        assertThat(resource(id).getInt("processed")).isEqualTo(packets);
    }

    @ParameterizedTest
    @CsvSource({ LINES + ", '', '\n', '\n'", LINES + ", '', '\r\n', ''", LINES + "; charset=utf-8, '\n\n', '\n \n', '\n\n'",
            "application/json, '[', ',', ']'", "application/json, ' [\n', ' ,\n ', '\n] \n'" })
    void takesThemAllIn_thoughThereIsNoRoomForMostOfThemAtFirst(String type, String before, String between, String behind) {
        long id = Api.newId();

        JsonPath report = report(post(type, before + packets(id, 1, MANY, between) + behind));

        assertReport(report, MANY, 0, 0);
        assertThat(report.getList("rejected")).isEmpty();
        assertCompletes(id, MANY);
    }

    @Test
    void saysWhichAreRepeated_andWhichAreRejectedAndWhy() {
        long id = Api.newId();
        String body = String.join("\n", Api.packet(id, 1, "a", false), Api.packet(id, 1, "a", false), "", "{",
                Api.packet(id, 1, "b", false), Api.packet(id, 0, " ", false), Api.packet(id, 2, "a", true),
                Api.packet(id, 3, "a", false), "{\"resource_id\":" + id + ",\"x\":\"" + "y".repeat(300_000) + "\"}");

        JsonPath report = report(post(LINES, body));

        assertReport(report, 2, 1, 5);
        assertThat(report.<Map<String, Object>> getList("rejected")).extracting(it -> it.get("line") + " " + it.get("code"))
                .containsExactlyInAnyOrder("4 invalid_request", "5 content_conflict", "6 invalid_request",
                        "8 index_beyond_last",
                        "9 too_large");
        assertThat(report.getString("rejected.find { it.line == 6 }.error")).contains("payload must not be blank")
                .contains("packet_index must be an integer from 1 to 100000");
    }

    @Test
    void namesTheFirstThousandThatAreRejected_andCountsThemAll() {
        JsonPath report = report(post(LINES, "x\n".repeat(1500)));

        assertReport(report, 0, 0, 1500);
        assertThat(report.getList("rejected")).hasSize(1000);
    }

    @ParameterizedTest
    @CsvSource({ LINES + ", ''", LINES + ", '\n \n'", "application/json, '[]'", "application/json, ' [ ] '" })
    void takesNothing_whenThereIsNothing(String type, String body) {
        assertReport(report(post(type, body)), 0, 0, 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "{}|a JSON array", "''|breaks off", "[|breaks off", "[{}}|element 1 is not JSON",
            "[] []|nothing after it", "\"a\"|a JSON array" })
    void refusesWhatIsNoArray(String body, String error) {
        Response answer = given().contentType("application/json").body(body.getBytes(UTF_8)).post(BULK);

        Api.assertProblem(answer, 400, "invalid_request");
        assertThat(answer.jsonPath().getString("error")).contains(error);
    }

    @Test
    void refusesOtherTypesAndMethods() {
        Api.assertProblem(given().contentType("text/plain").body("x").post(BULK), 415, "unsupported_media_type");
        Response get = given().get(BULK + "/");
        Api.assertProblem(get, 405, "method_not_allowed");
        assertThat(get.header("Allow")).isEqualTo("POST");
    }

    @ParameterizedTest
    @ValueSource(strings = { "gzip", "identity gzip" })
    void refuses_whatIsCompressed(String encodings) {
        RequestSpecification request = given().header("Content-Type", LINES);
        for (String encoding : encodings.split(" ")) {
            request.header("Content-Encoding", encoding);
        }
        Api.assertProblem(request.body(new byte[] { 31 }).post(BULK), 415, "unsupported_media_type");
    }

    @ParameterizedTest
    @CsvSource({ "text/html, 406", "application/json;q=0, 406", "text/html;q=1 application/json;q=0.1, 200", "*/*, 200",
            "application/*, 200", "APPLICATION/JSON, 200", "/, 406", "*/*;q=many, 200" })
    void answersWhoTakesJson(String accept, int status) {
        Response answer = given().header("Content-Type", LINES).header("Accept", accept.replace(" ", ", "))
                .body(Api.packet(Api.newId(), 1, "a", true).getBytes(UTF_8)).post(BULK);
        assertThat(answer.statusCode()).isEqualTo(status);
        if (status != 200) {
            Api.assertProblem(answer, 406, "not_acceptable");
        }
    }

    @Test
    void takesIn_whatSaysThatItIsNotCompressed() {
        assertThat(given().header("Content-Type", LINES).header("Content-Encoding", "identity")
                .body(Api.packet(Api.newId(), 1, "a", true).getBytes(UTF_8)).post(BULK).jsonPath().getInt("accepted"))
                .isEqualTo(1);
    }

    @Test
    void saysHowManyWereAccepted_whenTheArrayBreaksOff() {
        long id = Api.newId();
        String elements = IntStream.rangeClosed(1, 500).mapToObj(i -> Api.packet(id, i, "a", i == 500))
                .collect(Collectors.joining(","));

        RawHttp answer = RawHttp.postChunked(BULK, "Content-Type: application/json", ("[" + elements + "] x").getBytes(UTF_8));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("500 packets were accepted");
        assertCompletes(id, 500);
    }

    @Test
    void saysThatTheBodyMayCome_whenTheClientAsks() {
        String body = Api.packet(Api.newId(), 1, "a", true);

        RawHttp answer = RawHttp.send("POST " + BULK + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
                + LINES + "\r\nExpect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);

        assertThat(answer.status()).isEqualTo(100);
    }

    @Test
    void readsABodyOfNoDeclaredLength_andOneThatIsLargerThanAnyOther() {
        long id = Api.newId();
        String body = IntStream.rangeClosed(1, 200).mapToObj(i -> Api.packet(id, i, "a".repeat(15_000), i == 200))
                .collect(Collectors.joining("\n"));

        RawHttp answer = RawHttp.postChunked(BULK, "Content-Type: " + LINES, body.getBytes(UTF_8));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"accepted\":200,\"duplicates\":0,\"rejected_count\":0,\"rejected\":[]}");
        assertCompletes(id, 200);
    }
}
