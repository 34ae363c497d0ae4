package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.PARTS;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.complete;
import static io.ancillary.testsupport.Api.drop;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.operator;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.ServiceCall;
import io.ancillary.testsupport.ServiceResource;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;

/** Packets that failed, of resources that are held open for the operator to have them retried. */
@QuarkusTest
@WithTestResource(SinkResource.class)
@WithTestResource(value = ServiceResource.class, initArgs = {
        @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN),
        @ResourceArg(name = "ancillary.packets.on-failure", value = "hold"),
        @ResourceArg(name = "ancillary.packets.service.attempts", value = "2"),
        @ResourceArg(name = "ancillary.packets.service.retry-delay", value = "20ms") })
class HeldPacketsTest {
    WebhookSink sink;
    ServiceStub service;

    private final long id = newId();
    private final String payload = "payload " + id;

    @Test
    void keepsTheResourceOpen_whenAPacketFails() {
        fail(1, true);

        JsonPath open = resource(id).jsonPath();
        assertThat(open.getString("status")).isEqualTo("collecting");
        assertThat(open.getInt("failed_count")).isEqualTo(1);
        assertThat(open.getString("failed[0].error")).isEqualTo("the ancillary service answered 404");
        assertThat(sink.of(id)).isEmpty();
    }

    @Test
    void listsThePacket() {
        fail(3, false);

        Map<String, Object> part = partsOf(id).get(0);

        assertThat(partsOf(id)).hasSize(1);
        assertThat(part).containsOnlyKeys("id", "status", "flow", "resource_id", "index", "error", "failed_at")
                .containsEntry("id", service.calls(payload + 3).get(0).key()).containsEntry("status", "dead")
                .containsEntry("flow", "packets").containsEntry("resource_id", id).containsEntry("index", 3)
                .containsEntry("error", "the ancillary service answered 404");
        assertThat(Instant.parse((String) part.get("failed_at"))).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void completes_whenThePacketIsRetried() {
        send(id, 1, payload + 1);
        String part = fail(2, true);

        Response answer = retry(part);

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.asString()).isEqualTo("{\"status\":\"accepted\"}");
        assertThat(sink.awaitBody(id)).isEqualTo("{\"resource_id\":" + id + ",\"status\":\"completed\",\"packet_count\":2,"
                + "\"output\":[\"" + payload + "1\",\"" + payload + "2\"]}");
        assertThat(service.calls(payload + 2)).hasSize(2).extracting(ServiceCall::key).containsOnly(part);
        assertThat(partsOf(id)).isEmpty();
    }

    @Test
    void hasAllAttemptsAgain_whenItIsRetried() {
        service.next(payload + 1, status(500), status(500));
        sendLast(id, 1, payload + 1);
        awaitDead(1);
        service.next(payload + 1, status(500));

        retry((String) partsOf(id).get(0).get("id")).then().statusCode(202);

        assertThat(sink.awaitBody(id)).contains("\"status\":\"completed\"");
        assertThat(service.calls(payload + 1)).hasSize(4);
    }

    @Test
    void isListedAgain_whenTheRetryFailsToo() {
        String part = fail(1, true);
        service.next(payload + 1, status(410));

        retry(part).then().statusCode(202);

        await().atMost(WebhookSink.PATIENCE).untilAsserted(() -> assertThat(partsOf(id)).singleElement()
                .satisfies(it -> assertThat(it).containsEntry("error", "the ancillary service answered 410")));
        assertThat(service.calls(payload + 1)).hasSize(2);
        assertThat(sink.of(id)).isEmpty();
    }

    @Test
    void isNotRetried_whenItWasAlready() {
        String part = fail(1, true);
        retry(part).then().statusCode(202);

        assertProblem(retry(part), 404, "not_found");

        sink.awaitBody(id);
        assertProblem(retry(part), 404, "not_found");
        assertThat(service.calls(payload + 1)).hasSize(2);
    }

    @Test
    void isNotRetried_whenItsResourceWasDropped() {
        String part = fail(1, true);
        drop(id);

        assertProblem(retry(part), 404, "not_found");
        assertThat(partsOf(id)).isEmpty();
    }

    @Test
    void isNotRetried_whenItHasNotFailed() {
        send(id, 1, payload + 1);
        String part = service.await(payload + 1, 1).get(0).key();

        assertProblem(retry(part), 404, "not_found");
    }

    @Test
    void completes_whenTheServiceGivesTheOutputAfterAll() {
        fail(1, true);

        complete(service.calls(payload + 1).get(0).completionUrl(), "[1]").then().statusCode(200);

        assertThat(sink.awaitBody(id)).endsWith("\"status\":\"completed\",\"packet_count\":1,\"output\":[1]}");
        assertThat(partsOf(id)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "nonsense", "0-packets:1:g:1", "99-packets:1:g:1", "0-unknown:1:g:1", "0-packets:1" })
    void knowsNoPart_thatNeverWas(String part) {
        assertProblem(retry(part), 404, "not_found");
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 3 })
    void pagesThroughTheParts_byCursor(int limit) {
        for (int index = 1; index <= 5; index++) {
            fail(index, false);
        }

        List<Map<String, Object>> all = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonPath page = list("?status=dead&limit=" + limit + "&cursor=" + cursor).jsonPath();
            assertThat(page.getList("parts")).hasSizeLessThanOrEqualTo(limit);
            all.addAll(page.getList("parts"));
            cursor = page.getString("next_cursor");
        }

        assertThat(all).extracting(part -> part.get("id")).doesNotHaveDuplicates();
        assertThat(
                all.stream().filter(part -> part.get("resource_id").equals(id)).map(part -> part.get("index")))
                .containsExactly(5, 4, 3, 2, 1);
        assertThat(all.stream().limit(5).map(part -> part.get("resource_id"))).as("the latest resource comes first")
                .containsOnly(id);
    }

    @Test
    void listsDeadParts_whenNoStatusIsAskedFor() {
        fail(1, false);

        assertThat(list("").jsonPath().getLong("parts[0].resource_id")).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = { "limit=0", "limit=1001", "limit=x", "limit=-1", "status=waiting",
            "cursor=nonsense", "cursor=%7B%7D", "cursor=MCAx", "cursor=MCAxIDEgOTk5OTk5OTk5OSA" })
    void refusesToList_whatCannotBeUnderstood(String query) {
        Response answer = list("?" + query);

        assertProblem(answer, 400, "invalid_request", query.startsWith("limit") ? new String[] { "limit" } : new String[0]);
    }

    /** Sends a packet that the service refuses, waits until it is dead, and gives its id. */
    private String fail(int index, boolean last) {
        int before = partsOf(id).size();
        service.next(payload + index, status(404));
        if (last) {
            sendLast(id, index, payload + index);
        } else {
            send(id, index, payload + index);
        }
        awaitDead(before + 1);
        return service.calls(payload + index).get(0).key();
    }

    private void awaitDead(int count) {
        await().atMost(WebhookSink.PATIENCE).untilAsserted(() -> assertThat(partsOf(id)).hasSize(count));
    }

    private static Response list(String query) {
        return operator().urlEncodingEnabled(false).get(PARTS + query);
    }

    private static List<Map<String, Object>> partsOf(long resource) {
        List<Map<String, Object>> parts = list("?status=dead&limit=1000").jsonPath().getList("parts");
        return parts.stream().filter(part -> part.get("resource_id").equals(resource)).toList();
    }

    private static Response retry(String part) {
        return operator().urlEncodingEnabled(false).post(PARTS + "/" + part + "/retry");
    }
}
