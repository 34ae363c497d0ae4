package io.ancillary.packets;

import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.json;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.post;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** Resources that say themselves where their outcome goes. */
@QuarkusTest
@WithTestResource(SinkResource.class)
class CallbackUrlTest {
    WebhookSink sink;

    private final long id = newId();

    @Test
    void goesToTheResourcesOwnCallback_whichAnyPacketMayBring() {
        Api.send(id, 1, "Bat");

        send(2, true, sink.uri() + "/own?a=b");

        assertThat(sink.await(id, 1).get(0).path()).isEqualTo("/webhook/own");
    }

    @Test
    void refusesASecondDifferentCallback() {
        send(1, false, sink.uri() + "/one");

        assertProblem(send(2, true, sink.uri() + "/other"), 409, "content_conflict");
    }

    @Test
    void refusesTheSamePacket_withAnotherCallback() {
        send(1, false, sink.uri() + "/one");

        assertProblem(send(1, false, sink.uri() + "/other"), 409, "content_conflict");
        assertProblem(Api.send(id, 1, "payload"), 409, "content_conflict");
    }

    @Test
    void takesTheSameCallbackAgain() {
        send(1, false, sink.uri() + "/one").then().statusCode(202);

        send(2, true, sink.uri() + "/one").then().statusCode(202);
    }

    @ParameterizedTest
    @ValueSource(strings = { "nonsense", "http://10.0.0.1/", "http://user@example.com/", "http://example.com/#a" })
    void refuses_whatIsNoCallback(String url) {
        assertProblem(send(1, true, url), 400, "invalid_request", "callback_url");
    }

    private Response send(int index, boolean last, String callback) {
        Map<String, Object> packet = new HashMap<>(Map.of("resource_id", id, "packet_index", index, "payload", "payload",
                "last_chunk_flag", last, "callback_url", callback));
        return post(json(packet));
    }
}
