package io.ancillary.pipeline;

import static io.ancillary.testsupport.Api.SESSION;
import static io.ancillary.testsupport.Api.json;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.ServiceBehaviour.hangs;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.ServiceResource;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/**
 * What one flow's service does to its own parts is nothing to the other's. Packets are waited for longer than any
 * test waits: whatever had to wait for one of them would not come.
 */
@QuarkusTest
@WithTestResource(SinkResource.class)
@WithTestResource(value = ServiceResource.class, initArgs = {
        @ResourceArg(name = "ancillary.packets.service.timeout", value = "10m"),
        @ResourceArg(name = "ancillary.processing.concurrency", value = "100"),
        @ResourceArg(name = "ancillary.sessions.decision-timeout", value = "10m") })
class FlowsApartTest {
    private static final int CONCURRENCY = 100;
    private static final int PACKETS = 300;

    WebhookSink sink;
    ServiceStub service;

    @Test
    void decidesASession_whileThePacketsServiceHangs() {
        String payload = "payload " + newId();
        String driver = "driver-token." + newId() + "~_long-enough";
        service.always(payload, hangs());
        long resource = newId();
        for (int index = 1; index <= PACKETS; index++) {
            send(resource, index, payload).then().statusCode(202);
        }
        service.await(payload, CONCURRENCY);

        given().contentType("application/json").body(json(Map.of("station_id", UUID.randomUUID().toString(),
                "driver_token", driver, "callback_url", sink.uri().toString()))).post(SESSION).then().statusCode(202);

        assertThat(sink.await(driver, 1).get(0).json().path("status").asText()).isEqualTo("allowed");
        assertThat(service.calls(payload)).as("no more than may be under way at once").hasSize(CONCURRENCY);
    }
}
