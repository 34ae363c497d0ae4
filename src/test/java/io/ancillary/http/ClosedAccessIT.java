package io.ancillary.http;

import static io.ancillary.testsupport.Api.RESOURCES;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.RedisResource;
import io.ancillary.testsupport.SinkResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.Response;

/** The packaged service without any token: what operates it is closed, the intake is open. */
@QuarkusIntegrationTest
@WithTestResource(SinkResource.class)
@WithTestResource(RedisResource.class)
class ClosedAccessIT {

    @ParameterizedTest
    @ValueSource(strings = { "", "Bearer anything", "Bearer " })
    void keepsTheOperatorsEndpointsClosed(String authorization) {
        Response list = given().header("Authorization", authorization).get(RESOURCES);
        Response drop = given().header("Authorization", authorization).delete(RESOURCES + "/1");

        assertProblem(list, 401, "unauthorized");
        assertProblem(drop, 401, "unauthorized");
        assertThat(list.header("WWW-Authenticate")).isEqualTo("Bearer");
    }

    @Test
    void opensTheIntakeAndOneResource() {
        long id = newId();

        send(id, 1, "Bat").then().statusCode(202);

        resource(id).then().statusCode(200);
    }
}
