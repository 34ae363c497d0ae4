package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.RESOURCES;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.operator;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static io.ancillary.testsupport.Api.unlessUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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

/** How resources stand, and their end by the operator's hand. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN))
class ResourcesTest {

    WebhookSink sink;

    @Test
    void tellsWhatIsMissing_whileCollecting() {
        String id = "collecting-" + newId();
        send(id, 2, "Bat");
        send(id, 4, "Ball");

        JsonPath resource = processed(id, 2);

        assertThat(resource.<Object> get("resource_id")).isEqualTo(id);
        assertThat(resource.getString("status")).isEqualTo("collecting");
        assertThat(resource.getInt("first_index")).isEqualTo(1);
        assertThat(resource.<Object> get("last_index")).isNull();
        assertThat(resource.getInt("received")).isEqualTo(2);
        assertThat(resource.getInt("missing_count")).isEqualTo(2);
        assertThat(resource.getList("missing")).isEqualTo(List.of(1, 3));
        assertThat(resource.getInt("failed_count")).isZero();
        assertThat(resource.getList("failed")).isEmpty();
        assertThat(resource.<Object> get("completed_at")).isNull();
        assertThat(resource.<Object> get("delivery")).isNull();
    }

    @Test
    void tellsTheLastIndex_onceItIsKnown() {
        long id = newId();
        sendLast(id, 3, "Ball");

        JsonPath resource = resource(id).jsonPath();

        assertThat(resource.getLong("resource_id")).isEqualTo(id);
        assertThat(resource.getInt("last_index")).isEqualTo(3);
        assertThat(resource.getList("missing")).isEqualTo(List.of(1, 2));
    }

    @Test
    void listsTheFirstThousandMissing_andCountsAll() {
        long id = newId();
        send(id, 2_502, "Ball");

        JsonPath resource = resource(id).jsonPath();

        assertThat(resource.getInt("missing_count")).isEqualTo(2_501);
        assertThat(resource.getList("missing")).isEqualTo(IntStream.rangeClosed(1, 1000).boxed().toList());
    }

    @Test
    void tellsTheDelivery_whenItIsMade() {
        long id = newId();
        Instant before = Instant.now().minusSeconds(5);
        sendLast(id, 1, "Bat");
        String webhookId = sink.await(id, 1).get(0).header("webhook-id");

        JsonPath resource = awaitStatus(id, "delivered");

        assertThat(resource.getString("outcome")).isEqualTo("completed");
        assertThat(resource.getInt("processed")).isEqualTo(1);
        assertThat(resource.getMap("delivery")).isEqualTo(Map.of("id", webhookId, "status", "delivered", "attempts", 1,
                "delivered_at", resource.getString("delivered_at")));
        assertThat(Stream.of("created_at", "updated_at", "completed_at", "delivered_at")
                .map(field -> Instant.parse(resource.getString(field)))).isSorted().allMatch(before::isBefore)
                .allMatch(Instant.now().plusSeconds(5)::isAfter);
    }

    @Test
    void tellsTheNextAttempt_whileTheReceiverFails() {
        long id = newId();
        sink.answer(id, 500, 500, 500, 500, 500, 500);
        sendLast(id, 1, "Bat");
        sink.await(id, 3);

        JsonPath resource = await().atMost(WebhookSink.PATIENCE).until(() -> resource(id).jsonPath(),
                it -> it.getInt("delivery.attempts") >= 3);

        assertThat(resource.getString("status")).isEqualTo("completed");
        assertThat(resource.getString("delivery.status")).isEqualTo("pending");
        assertThat(Instant.parse(resource.getString("delivery.next_attempt_at")))
                .isAfter(Instant.parse(resource.getString("completed_at")));
    }

    @ParameterizedTest
    @ValueSource(strings = { "/no-such", "/9999999999999999999999", "/a%20b", "/%00", "/%C3%A9", "/..%2f..", "/*", "/-2" })
    void saysNotFound_whenThereIsNoSuchResource(String path) {
        assertProblem(unlessUnavailable(() -> operator().urlEncodingEnabled(false).get(RESOURCES + path)), 404, "not_found");
    }

    @Test
    void listsTheNewestFirst() {
        List<String> ids = newResources("newest", 3);

        List<String> listed = list("limit=3").jsonPath().getList("resources.resource_id");

        assertThat(listed).containsExactly(ids.get(2), ids.get(1), ids.get(0));
    }

    @Test
    void pagesThroughAll_eachOnce() {
        List<String> ids = newResources("paged", 7);

        List<String> seen = pages("limit=2");

        assertThat(seen).doesNotHaveDuplicates().containsSubsequence(ids.get(6), ids.get(5), ids.get(4), ids.get(3),
                ids.get(2), ids.get(1), ids.get(0));
    }

    @Test
    void listsOnlyWhatHasTheStatus() {
        long delivered = newId();
        sendLast(delivered, 1, "Bat");
        awaitStatus(delivered, "delivered");
        String collecting = newResources("filtered", 1).get(0);

        List<String> found = pages("status=delivered&limit=1000");

        assertThat(found).contains(String.valueOf(delivered)).doesNotContain(collecting);
        assertThat(pages("status=COLLECTING&limit=1000")).contains(collecting).doesNotContain(String.valueOf(delivered));
    }

    @Test
    void leavesOutTheIndices_inAList() {
        newResources("rows", 1);

        Map<String, Object> row = list("limit=1").jsonPath().getMap("resources[0]");

        assertThat(row).containsKeys("resource_id", "status", "received", "missing_count", "created_at")
                .doesNotContainKeys("missing", "failed");
    }

    @ParameterizedTest
    @ValueSource(strings = { "limit=0", "limit=-1", "limit=1001", "limit=x", "limit=1.5", "limit=99999999999",
            "cursor=nonsense", "cursor=%00", "cursor=!!", "cursor=eCB5", "cursor=MTIz", "status=nonsense" })
    void saysInvalidRequest_whenAParameterIsWrong(String query) {
        Response answer = operator().urlEncodingEnabled(false).get(RESOURCES + "?" + query);

        assertThat(answer.contentType()).startsWith("application/json");
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(400);
        assertThat(answer.jsonPath().getString("code")).isEqualTo("invalid_request");
        assertThat(answer.jsonPath().getString("error")).contains(query.substring(0, query.indexOf('=')));
    }

    @ParameterizedTest
    @ValueSource(strings = { "limit=1", "limit=1000", "cursor=", "limit=", "status=", "status=incomplete", "status=closing",
            "" })
    void lists_whenTheParametersAreWithinBounds(String query) {
        list(query).then().statusCode(200);
    }

    @Test
    void freesTheId_whenAResourceIsDropped() {
        long id = newId();
        send(id, 1, "Bat");
        send(id, 2, "Ball");

        operator().delete(RESOURCES + "/" + id).then().statusCode(204);

        assertProblem(resource(id), 404, "not_found");
        assertThat(pages("limit=1000")).doesNotContain(String.valueOf(id));
        sendLast(id, 1, "another life").then().statusCode(202);
        assertThat(sink.awaitBody(id)).endsWith("\"packet_count\":1,\"output\":[7,4]}");
    }

    @Test
    void freesTheId_whenADeliveredResourceIsDropped() {
        long id = newId();
        sendLast(id, 1, "Bat");
        awaitStatus(id, "delivered");

        operator().delete(RESOURCES + "/" + id).then().statusCode(204);

        sendLast(id, 1, "another life").then().statusCode(202);
        assertThat(sink.await(id, 2)).extracting(it -> it.header("webhook-id")).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = { "no-such", "a%20b" })
    void saysNotFound_whenThereIsNothingToDrop(String id) {
        assertProblem(unlessUnavailable(() -> operator().urlEncodingEnabled(false).delete(RESOURCES + "/" + id)), 404,
                "not_found");
    }

    @Test
    void saysNotFound_whenAResourceIsDroppedTwice() {
        long id = newId();
        send(id, 1, "Bat");
        operator().delete(RESOURCES + "/" + id);

        assertProblem(operator().delete(RESOURCES + "/" + id), 404, "not_found");
    }

    private static List<String> newResources(String name, int count) {
        String prefix = name + "-" + newId() + "-";
        return IntStream.range(0, count).mapToObj(i -> prefix + i).peek(id -> send(id, 1, "Bat").then().statusCode(202))
                .toList();
    }

    private static Response list(String query) {
        return unlessUnavailable(() -> operator().get(RESOURCES + (query.isEmpty() ? "" : "?" + query)));
    }

    /** The ids on all pages. */
    private static List<String> pages(String query) {
        List<String> ids = new ArrayList<>();
        String cursor = "";
        do {
            JsonPath page = list(query + "&cursor=" + cursor).then().statusCode(200).extract().jsonPath();
            page.getList("resources.resource_id").forEach(id -> ids.add(id.toString()));
            cursor = page.getString("next_cursor");
        } while (cursor != null && ids.size() < 100_000);
        return ids;
    }

    private static JsonPath awaitStatus(Object id, String status) {
        return await().atMost(WebhookSink.PATIENCE).until(() -> resource(id).jsonPath(),
                it -> status.equals(it.getString("status")));
    }

    private static JsonPath processed(Object id, int count) {
        return await().atMost(WebhookSink.PATIENCE).until(() -> resource(id).jsonPath(),
                it -> it.getInt("processed") == count);
    }
}
