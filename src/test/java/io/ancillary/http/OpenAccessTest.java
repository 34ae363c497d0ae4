package io.ancillary.http;

import static io.ancillary.testsupport.Api.PACKETS;
import static io.ancillary.testsupport.Api.RESOURCES;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.packet;
import static io.ancillary.testsupport.Api.unlessUnavailable;
import static io.restassured.RestAssured.given;

import org.junit.jupiter.api.Test;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** With nothing configured, in tests as in dev mode: neither a token nor a webhook. */
@QuarkusTest
class OpenAccessTest {

    @Test
    void opensTheOperatorsEndpoints_whenNoTokenIsSet() {
        unlessUnavailable(() -> given().get(RESOURCES)).then().statusCode(200);
    }

    @Test
    void saysNoWebhook_whenThereIsNowhereToDeliverTo() {
        Response answer = given().contentType("application/json").body(packet(newId(), 1, "Bat", true)).post(PACKETS);

        assertProblem(answer, 422, "no_webhook");
    }

    @Test
    void takesNothing_whenThereIsNowhereToDeliverTo() {
        long id = newId();

        given().contentType("application/json").body(packet(id, 1, "Bat", true)).post(PACKETS);

        assertProblem(unlessUnavailable(() -> given().get(RESOURCES + "/" + id)), 404, "not_found");
    }

    @Test
    void saysInvalidRequest_beforeItSaysNoWebhook() {
        Response answer = given().contentType("application/json").body("{}").post(PACKETS);

        assertProblem(answer, 400, "invalid_request", "resource_id", "payload", "packet_index");
    }
}
