package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.PARTS;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.complete;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.operator;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static io.ancillary.testsupport.ServiceBehaviour.putsOff;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.ServiceResource;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;

/** Resources that are held open for a packet that failed, until their time is up. */
@QuarkusTest
@WithTestResource(SinkResource.class)
@WithTestResource(value = ServiceResource.class, initArgs = {
        @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN),
        @ResourceArg(name = "ancillary.packets.on-failure", value = "hold"),
        @ResourceArg(name = "ancillary.packets.deadline", value = "1s") })
class HeldPacketsDeadlineTest {
    WebhookSink sink;
    ServiceStub service;

    private final long id = newId();
    private final String payload = "payload " + id;

    @Test
    void endsIncomplete_withTheError_whenNobodyHadItRetried() {
        send(id, 1, payload + 1);
        service.next(payload + 2, status(404));

        sendLast(id, 2, payload + 2);

        assertThat(sink.awaitBody(id)).isEqualTo("{\"resource_id\":" + id + ",\"status\":\"incomplete\",\"packet_count\":2,"
                + "\"output\":[\"" + payload + "1\"],\"missing\":[],"
                + "\"failed\":[{\"packet_index\":2,\"error\":\"the ancillary service answered 404\"}]}");
        JsonPath ended = resource(id).jsonPath();
        assertThat(Instant.parse(ended.getString("completed_at"))).isAfterOrEqualTo(Instant.parse(ended.getString("deadline")));
    }

    @Test
    void isNotRetried_onceItsResourceHasEnded() {
        service.next(payload, status(404));
        sendLast(id, 1, payload);
        sink.awaitBody(id);

        String part = service.calls(payload).get(0).key();
        assertProblem(operator().urlEncodingEnabled(false).post(PARTS + "/" + part + "/retry"), 404, "not_found");
        assertThat(service.calls(payload)).hasSize(1);
    }

    @Test
    void endsIncomplete_whenAPacketIsAwaitedInVain() {
        service.next(payload, putsOff());

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).endsWith("\"failed\":[{\"packet_index\":1,\"error\":\"deadline\"}]}");
        assertProblem(complete(service.calls(payload).get(0).completionUrl(), "[1]"), 410, "finished");
    }
}
