package io.ancillary.packets;

import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Resources whose packets do not all come. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = {
        @ResourceArg(name = "ancillary.packets.gap-timeout", value = "300ms"),
        @ResourceArg(name = "ancillary.packets.deadline", value = "900ms") })
class DeadlinesTest {
    WebhookSink sink;

    private final long id = newId();

    @Test
    void endsIncomplete_whenAGapIsNotFilledInTime() {
        send(id, 1, "Bat Ball");

        sendLast(id, 4, "I like");

        assertThat(sink.awaitBody(id)).isEqualTo("{\"resource_id\":" + id
                + ",\"status\":\"incomplete\",\"packet_count\":4,\"output\":[3,4,1,4],\"missing\":[2,3],\"failed\":[]}");
    }

    @Test
    void endsIncomplete_atTheDeadline_whenNoPacketSaysItIsTheLast() {
        send(id, 2, "Bat Ball");

        assertThat(sink.awaitBody(id)).isEqualTo("{\"resource_id\":" + id
                + ",\"status\":\"incomplete\",\"packet_count\":2,\"output\":[3,4],\"missing\":[1],\"failed\":[]}");
    }

    @Test
    void takesNoNewPackets_whenTimeHasRunOut() {
        sendLast(id, 2, "Bat");
        sink.awaitBody(id);

        assertProblem(send(id, 1, "Ball"), 409, "resource_finished");
        assertThat(sendLast(id, 2, "Bat").statusCode()).isEqualTo(202);
    }

    @Test
    void completes_whenTheGapIsFilledInTime() {
        sendLast(id, 2, "Bat");

        send(id, 1, "Ball");

        assertThat(sink.awaitBody(id)).contains("\"status\":\"completed\"");
        assertThat(resource(id).jsonPath().getString("outcome")).isEqualTo("completed");
    }

    @Test
    void tellsItsDeadline() {
        send(id, 1, "Bat");

        assertThat(resource(id).jsonPath().getString("deadline")).isNotBlank();
    }
}
