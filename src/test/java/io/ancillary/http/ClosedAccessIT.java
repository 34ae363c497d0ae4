package io.ancillary.http;

import static io.ancillary.testsupport.Api.ACCESS_LIST;
import static io.ancillary.testsupport.Api.PARTS;
import static io.ancillary.testsupport.Api.RESOURCES;
import static io.ancillary.testsupport.Api.SESSIONS;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.RedisResource;
import io.ancillary.testsupport.SinkResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** The packaged service without any token: what operates it is closed, the intake is open. */
@QuarkusIntegrationTest
@WithTestResource(SinkResource.class)
@WithTestResource(RedisResource.class)
class ClosedAccessIT {
    private static final String ENTRY = ACCESS_LIST + "123e4567-e89b-12d3-a456-426614174099";

    @ParameterizedTest
    @ValueSource(strings = { "", "Bearer anything", "Bearer " })
    void keepsTheOperatorsEndpointsClosed(String authorization) {
        for (Response answer : List.of(asked(authorization).get(RESOURCES), asked(authorization).delete(RESOURCES + "/1"),
                asked(authorization).get(SESSIONS), asked(authorization).get(PARTS),
                asked(authorization).post(PARTS + "/0-packets:1:g:1/retry"), asked(authorization).get(ENTRY),
                asked(authorization).delete(ENTRY),
                asked(authorization).contentType("application/json").body("{\"driver_tokens\":\"*\"}").put(ENTRY))) {
            assertProblem(answer, 401, "unauthorized");
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        }
    }

    private static RequestSpecification asked(String authorization) {
        return given().header("Authorization", authorization);
    }

    @Test
    void opensTheIntakeAndOneResource() {
        long id = newId();

        send(id, 1, "Bat").then().statusCode(202);

        resource(id).then().statusCode(200);
    }
}
