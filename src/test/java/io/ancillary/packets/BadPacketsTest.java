package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.post;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.ancillary.packets.BadPackets.Bad;
import io.ancillary.testsupport.RawHttp;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Whatever comes in is answered with its own fault, and what was accepted before completes undisturbed. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN))
class BadPacketsTest {

    private static final String JSON = "Content-Type: application/json";
    private static final byte[] TEN_MEGABYTES = ("{\"payload\":\"" + "x".repeat(10_000_000) + "\"}").getBytes(UTF_8);

    WebhookSink sink;

    private final long bystander = newId();

    @BeforeEach
    void acceptSomething() {
        send(bystander, 1, "Bat").then().statusCode(202);
    }

    @AfterEach
    void completesUndisturbed() {
        sendLast(bystander, 2, "Ball").then().statusCode(202);
        assertThat(sink.awaitBody(bystander)).endsWith("\"packet_count\":2,\"output\":[3,4]}");
    }

    @ParameterizedTest
    @MethodSource("io.ancillary.packets.BadPackets#all")
    void saysInvalidRequest_whenTheBodyIsNoPacket(Bad bad) {
        assertProblem(post(bad.body()), 400, "invalid_request", bad.fields());
    }

    @Test
    void ignoresWhatItDoesNotKnow() {
        String unknown = "{\"a\":" + "[".repeat(500) + "]".repeat(500) + ",\"resource_id\":[\"\\ud800\",null,1e400]}";
        String packet = "{\"x\":" + unknown + ",\"resource_id\":" + newId() + ",\"payload\":\"a\",\"packet_index\":1}";

        assertThat(post(packet).statusCode()).isEqualTo(202);
    }

    @Test
    void saysTooLarge_whenTheDeclaredLengthIs() {
        RawHttp answer = RawHttp.post(JSON, TEN_MEGABYTES);

        assertTooLarge(answer);
    }

    @Test
    void saysTooLarge_whenTheBodyTurnsOutSo() {
        RawHttp answer = RawHttp.postChunked(JSON, TEN_MEGABYTES);

        assertTooLarge(answer);
    }

    @Test
    void saysTooLarge_beforeTheBodyIsSent() {
        RawHttp answer = RawHttp.send("POST /api/v1/ancillary/packet/send-data HTTP/1.1\r\nHost: localhost\r\n" + JSON
                + "\r\nContent-Length: 9223372036854775807\r\n\r\n");

        assertTooLarge(answer);
    }

    @Test
    void takesABodyWithoutDeclaredLength_whenItIsWithinBounds() {
        String packet = "{\"resource_id\":" + newId() + ",\"packet_index\":1,\"payload\":\"" + "\\ud83d\\ude00".repeat(20_000)
                + "\"}";

        assertThat(RawHttp.postChunked(JSON, packet.getBytes(UTF_8)).status()).isEqualTo(202);
    }

    @Test
    void saysInvalidRequest_whenABodyWithoutDeclaredLengthIsNoPacket() {
        RawHttp answer = RawHttp.postChunked(JSON, "[".repeat(200_000).getBytes(UTF_8));

        assertProblem(answer.status(), answer.body(), 400, "invalid_request");
    }

    @Test
    void saysInvalidRequest_whenABodyIsCompressed() {
        RawHttp answer = RawHttp.post(JSON + "\r\nContent-Encoding: gzip", new byte[] { 0x1f, (byte) 0x8b, 8, 0, 0, 0 });

        assertProblem(answer.status(), answer.body(), 400, "invalid_request");
    }

    private static void assertTooLarge(RawHttp answer) {
        assertProblem(answer.status(), answer.body(), 413, "too_large");
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.header("Connection")).isEqualTo("close");
    }
}
