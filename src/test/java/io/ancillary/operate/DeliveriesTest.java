package io.ancillary.operate;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.operator;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.sendLast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.ancillary.testsupport.WebhookSink.Received;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;

/** What the operator sees of deliveries, and how one is made once more. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = {
        @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN),
        @ResourceArg(name = "ancillary.delivery.retry-schedule", value = "0s,100ms,1h") })
class DeliveriesTest {
    private static final String DELIVERIES = "/api/v1/deliveries";

    WebhookSink sink;

    /** One whose delivery came to that status; gives the delivery's id. */
    private String delivery(String resource, String status, int... answers) {
        sink.answer(resource, answers);
        sendLast(resource, 1, "Bat");
        return await().atMost(WebhookSink.PATIENCE).until(() -> resource(resource).jsonPath(),
                it -> it.get("delivery") != null && status.equals(it.getString("delivery.status"))
                        && it.getInt("delivery.attempts") == answers.length)
                .getString("delivery.id");
    }

    private static String id(String kind) {
        return kind + "-" + newId();
    }

    private static JsonPath get(String id) {
        return operator().get(DELIVERIES + "/" + id).then().statusCode(200).extract().jsonPath();
    }

    private static List<String> listed(String query) {
        List<String> ids = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonPath page = operator().get(DELIVERIES + "?" + query + "&cursor=" + cursor).then().statusCode(200).extract()
                    .jsonPath();
            ids.addAll(page.getList("deliveries.id"));
            cursor = page.getString("next_cursor");
        }
        return ids;
    }

    @Test
    void tellsEachAttempt_lastFirst() {
        String id = delivery(id("attempts"), "pending", 503, 500);

        JsonPath delivery = get(id);

        assertThat(delivery.getString("status")).isEqualTo("pending");
        assertThat(delivery.getString("url")).isEqualTo(sink.uri().toString());
        assertThat(delivery.getString("last_error")).isEqualTo("the webhook answered 500");
        assertThat(delivery.getList("log.number")).isEqualTo(List.of(2, 1));
        assertThat(delivery.getList("log.status")).isEqualTo(List.of(500, 503));
        assertThat(delivery.getList("log.address")).containsOnly("127.0.0.1:" + sink.uri().getPort());
        assertThat(delivery.getMap("log[0].took_ms")).containsKeys("name", "connect", "answer", "body");
        assertThat(Instant.parse(delivery.getString("log[0].next_attempt_at")))
                .isEqualTo(Instant.parse(delivery.getString("next_attempt_at")))
                .isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3600 + 360 + 5));
        assertThat(Stream.of("log[1].at", "log[1].next_attempt_at", "log[0].at").map(delivery::getString).map(Instant::parse))
                .isSorted();
    }

    @Test
    void listsByStatus() {
        String pending = delivery(id("pending"), "pending", 500, 500);
        String delivered = delivery(id("delivered"), "delivered", 200);
        String dead = delivery(id("dead"), "dead", 410);

        assertThat(listed("status=pending&limit=2")).contains(pending).doesNotContain(delivered, dead);
        assertThat(listed("status=delivered&limit=2")).contains(delivered).doesNotContain(pending, dead);
        assertThat(listed("status=dead&limit=2")).contains(dead).doesNotContain(pending, delivered);
        assertThat(listed("limit=1000")).contains(pending, delivered, dead).doesNotHaveDuplicates();
    }

    @Test
    void listsByHost() {
        String id = delivery(id("host"), "dead", 410);

        assertThat(listed("status=dead&host=127.0.0.1")).contains(id);
        assertThat(listed("status=dead&host=127.0.0.1:" + sink.uri().getPort())).contains(id);
        assertThat(listed("status=dead&host=127.0.0.1:1")).isEmpty();
        assertThat(listed("host=example.com")).isEmpty();
    }

    @Test
    void saysThatItIsDead_whereTheResourceIsTold() {
        String resource = id("told");
        delivery(resource, "dead", 410);

        JsonPath told = resource(resource).jsonPath();

        assertThat(told.getString("status")).isEqualTo("dead");
        assertThat(told.getString("outcome")).isEqualTo("completed");
        assertThat(told.getString("delivery.died_at")).isNotNull();
    }

    @Test
    void isMadeOnceMore_withTheSameId_whenDead() {
        String resource = id("again");
        String id = delivery(resource, "dead", 410);

        operator().post(DELIVERIES + "/" + id + "/redeliver").then().statusCode(202);

        List<Received> received = sink.await(resource, 2);
        assertThat(received).extracting(it -> it.header("webhook-id")).containsOnly(id);
        assertThat(received).extracting(Received::body).containsOnly(received.get(0).body());
        JsonPath delivery = await().until(() -> get(id), it -> it.getString("status").equals("delivered"));
        assertThat(delivery.getInt("attempts")).isEqualTo(2);
        assertThat(listed("status=dead")).doesNotContain(id);
    }

    @Test
    void isMadeOnceMore_atOnce_whenDeliveredOrWaiting() {
        String waiting = id("waiting");
        String delivered = id("done");
        String waits = delivery(waiting, "pending", 500, 500);
        String done = delivery(delivered, "delivered", 200);

        Stream.of(waits, done).forEach(id -> operator().post(DELIVERIES + "/" + id + "/redeliver").then().statusCode(202));

        sink.await(waiting, 3);
        sink.await(delivered, 2);
        await().untilAsserted(() -> assertThat(List.of(get(waits).getString("status"), get(done).getString("status")))
                .containsOnly("delivered"));
    }

    @Test
    void isMadeOnceMoreEachOnce_whenManyAskForAllAtOnce() {
        Instant since = Instant.now();
        List<String> resources = Stream.generate(() -> id("bulk")).limit(20).toList();
        resources.forEach(resource -> delivery(resource, "dead", 410));
        String query = "/redeliver?status=dead&host=127.0.0.1&since=" + since;

        int begun = Stream.generate(() -> query).limit(4).parallel()
                .mapToInt(it -> operator().post(DELIVERIES + it).then().statusCode(202).extract().jsonPath()
                        .getInt("redelivered"))
                .sum();

        assertThat(begun).isEqualTo(20);
        resources.forEach(resource -> assertThat(sink.await(resource, 2)).hasSize(2));
    }

    @Test
    void leavesThoseThatDiedBefore_whenAllSinceATimeAreAskedFor() {
        String resource = id("before");
        String id = delivery(resource, "dead", 410);

        operator().post(DELIVERIES + "/redeliver?since=" + Instant.now().plusSeconds(60)).then().statusCode(202);

        assertThat(get(id).getString("status")).isEqualTo("dead");
    }

    @ParameterizedTest
    @CsvSource({ "GET, ?status=gone", "GET, ?cursor=xyz", "GET, ?cursor=MCBmb28gYmFy",
            "POST, /redeliver?since=yesterday", "POST, /redeliver?status=gone", "POST, /redeliver?hst=example.com",
            "POST, /redeliver?host=", "POST, /redeliver?status=", "POST, /redeliver?host=a&host=b",
            "POST, /redeliver?limit=3" })
    void saysWhatIsWrong(String method, String path) {
        assertProblem(operator().request(method, DELIVERIES + path), 400, "invalid_request");
    }

    @ParameterizedTest
    @CsvSource({ "GET, /0-nosuch", "GET, /nosuch", "GET, /99-nosuch", "POST, /0-nosuch/redeliver", "POST, /x/redeliver" })
    void saysNotFound_whenThereIsNoSuchDelivery(String method, String path) {
        assertProblem(operator().request(method, DELIVERIES + path), 404, "not_found");
    }
}
