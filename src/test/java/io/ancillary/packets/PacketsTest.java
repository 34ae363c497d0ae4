package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.PACKETS;
import static io.ancillary.testsupport.Api.drop;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.packet;
import static io.ancillary.testsupport.Api.post;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static io.ancillary.testsupport.Api.unlessUnavailable;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.ancillary.testsupport.WebhookSink.Received;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** Packets go in, one webhook comes out. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN))
class PacketsTest {

    private static final String EMOJI = "\uD83D\uDE00";

    WebhookSink sink;

    @Test
    void delivers_whenTheOnlyPacketArrives() {
        drop(101);

        post("{\"resource_id\": 101, \"payload\": \"Bat Ball\", \"packet_index\": 1, \"last_chunk_flag\": true}");

        assertThat(sink.awaitBody(101))
                .isEqualTo("{\"resource_id\":101,\"status\":\"completed\",\"packet_count\":1,\"output\":[3,4]}");
    }

    @Test
    void delivers_inIndexOrder_whenTheLastPacketArrivesFirst() {
        long id = newId();
        sendLast(id, 2, "I like to play table tennis!");

        send(id, 1, "Bat Ball");

        assertThat(sink.awaitBody(id)).isEqualTo("{\"resource_id\":" + id
                + ",\"status\":\"completed\",\"packet_count\":2,\"output\":[3,4,1,4,2,4,5,7]}");
    }

    @Test
    void acknowledges_whenAPacketIsTaken() {
        Response answer = send(newId(), 1, "Bat");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(answer.jsonPath().getMap("")).containsOnlyKeys("status", "message").containsEntry("status", "accepted");
        assertThat(answer.jsonPath().getString("message")).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api/v1/ancillary/packet/send-data", "/api/v1/ancillary/packet/send-data/" })
    void acknowledges_withAndWithoutTheTrailingSlash(String path) {
        String packet = packet(newId(), 1, "Bat", false);

        unlessUnavailable(() -> given().contentType("application/json").body(packet).post(path)).then().statusCode(202);
    }

    @ParameterizedTest
    @ValueSource(strings = { "application/json", "application/json; charset=utf-8", "Application/JSON" })
    void acknowledges_howeverTheContentTypeIsSpelt(String contentType) {
        String packet = packet(newId(), 1, "Bat", false);

        unlessUnavailable(() -> given().contentType(contentType).body(packet).post(PACKETS)).then().statusCode(202);
    }

    @Test
    void deliversOnce_whenPacketsAreRepeatedBeforeAndAfterTheEnd() {
        long id = newId();
        send(id, 1, "Bat");
        send(id, 1, "Bat").then().statusCode(202);
        sendLast(id, 2, "Ball").then().statusCode(202);
        sink.awaitBody(id);

        sendLast(id, 2, "Ball").then().statusCode(202);

        await().during(Duration.ofMillis(300)).atMost(WebhookSink.PATIENCE)
                .untilAsserted(() -> assertThat(sink.of(id)).hasSize(1));
        assertThat(sink.awaitBody(id)).contains("\"packet_count\":2,\"output\":[3,4]");
    }

    @Test
    void collatesOneResource_whenItsIdComesAsNumberAndAsString() {
        long id = newId();
        send(id, 1, "Bat");

        sendLast(String.valueOf(id), 2, "Ball");

        assertThat(sink.awaitBody(id)).startsWith("{\"resource_id\":" + id + ",").endsWith("\"output\":[3,4]}");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
            "`\"order-7\"`, `\"order-7\"`",
            "`\"A.b_c~d:e-9\"`, `\"A.b_c~d:e-9\"`",
            "`\"007\"`, `\"007\"`",
            "`\"-1\"`, `\"-1\"`",
            "`\"0\"`, 0",
            "0, 0",
            "9223372036854775807, 9223372036854775807",
            "`\"9223372036854775807\"`, 9223372036854775807",
            "`\"9223372036854775808\"`, `\"9223372036854775808\"`",
            "`\"10000000000000000000\"`, `\"10000000000000000000\"`",
    })
    void tellsTheId_asANumberOnlyWhereItIsACanonicalDecimal(String sent, String told) {
        String id = sent.replace("\"", "");
        drop(id);
        int before = sink.of(id).size();

        post("{\"resource_id\":" + sent + ",\"payload\":\"a\",\"packet_index\":1,\"last_chunk_flag\":true}")
                .then().statusCode(202);

        List<Received> all = sink.await(id, before + 1);
        assertThat(all.get(before).body()).startsWith("{\"resource_id\":" + told + ",\"status\"");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
            "` a  b\\tc\\nd \\u00e9 \\ud83d\\ude00 `, `[0,1,0,5,1,1,0]`",
            "`a\\u00a0b\\u2003c d`, `[5,1]`",
            "`e\\u0301 \\u0000`, `[2,1]`",
            "`x`, `[1]`",
    })
    void countsCodePoints_betweenSingleSpaces(String payload, String lengths) {
        long id = newId();

        post("{\"resource_id\":" + id + ",\"payload\":\"" + payload + "\",\"packet_index\":1,\"last_chunk_flag\":true}");

        assertThat(sink.awaitBody(id)).endsWith(",\"output\":" + lengths + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = { "x", "\u00e9", EMOJI })
    void takesAPayloadOfTwentyThousandCharacters(String character) {
        long id = newId();

        sendLast(id, 1, character.repeat(20_000)).then().statusCode(202);

        assertThat(sink.awaitBody(id)).endsWith(",\"output\":[20000]}");
    }

    @Test
    void takesAPayloadOfTwentyThousandCharacters_inTheirLongestSpelling() {
        long id = newId();

        post("{\"resource_id\":" + id + ",\"payload\":\"" + "\\ud83d\\ude00".repeat(20_000)
                + "\",\"packet_index\":1,\"last_chunk_flag\":true}").then().statusCode(202);

        assertThat(sink.awaitBody(id)).endsWith(",\"output\":[20000]}");
    }

    @Test
    void sendsTheHeadersOfStandardWebhooks() {
        long id = newId();

        sendLast(id, 1, "Bat");

        Received webhook = sink.await(id, 1).get(0);
        assertThat(webhook.method()).isEqualTo("POST");
        assertThat(webhook.path()).isEqualTo("/webhook");
        assertThat(webhook.header("Content-Type")).startsWith("application/json");
        assertThat(webhook.header("webhook-id")).isNotBlank().doesNotContain(".", " ");
        assertThat(Instant.ofEpochSecond(Long.parseLong(webhook.header("webhook-timestamp"))))
                .isCloseTo(Instant.now(), within(Duration.ofSeconds(30)));
    }

    @Test
    void givesEachResourceAWebhookIdOfItsOwn() {
        long one = newId();
        long other = newId();

        sendLast(one, 1, "Bat");
        sendLast(other, 1, "Bat");

        assertThat(sink.await(one, 1).get(0).header("webhook-id"))
                .isNotEqualTo(sink.await(other, 1).get(0).header("webhook-id"));
    }

    @Test
    void attemptsAgainUnderTheSameWebhookId_whenTheReceiverFailsTwice() {
        long id = newId();
        sink.answer(id, 500, 500);

        sendLast(id, 1, "Bat");

        assertSameWebhook(sink.await(id, 3), 3);
    }

    /** So many that the delivery has to wait in the outbox in between. */
    @Test
    void attemptsAgainUnderTheSameWebhookId_whenTheReceiverFailsForLonger() {
        long id = newId();
        sink.answer(id, 500, 302, 404);

        sendLast(id, 1, "Bat");

        assertSameWebhook(sink.await(id, 4), 4);
    }

    private static void assertSameWebhook(List<Received> attempts, int count) {
        assertThat(attempts).hasSize(count);
        assertThat(attempts).extracting(it -> it.header("webhook-id")).containsOnly(attempts.get(0).header("webhook-id"));
        assertThat(attempts).extracting(Received::body).containsOnly(attempts.get(0).body());
    }
}
