package io.ancillary.http;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.PACKETS;
import static io.ancillary.testsupport.Api.RESOURCES;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.packet;
import static io.ancillary.testsupport.Api.unlessUnavailable;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.TokenFileResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** Who may call what, with an operator token given as such and a producer token given in a file. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN))
@WithTestResource(TokenFileResource.class)
class AccessTest {

    private static final String PRODUCER_TOKEN = TokenFileResource.TOKEN;

    @ParameterizedTest
    @ValueSource(strings = { "Bearer wrong", "Bearer", "Bearer ", "Basic " + OPERATOR_TOKEN, OPERATOR_TOKEN,
            "Bearer " + OPERATOR_TOKEN + "x", "Bearer " + PRODUCER_TOKEN, "Bearer THE-OPERATORS-TOKEN", "" })
    void keepsTheOperatorsEndpointsClosed_whenTheTokenIsNotTheOperators(String authorization) {
        RequestSpecification asked = given().header("Authorization", authorization);

        assertUnauthorized(asked.get(RESOURCES));
        assertUnauthorized(asked.delete(RESOURCES + "/1"));
    }

    @Test
    void keepsTheOperatorsEndpointsClosed_whenThereIsNoToken() {
        assertUnauthorized(given().get(RESOURCES));
        assertUnauthorized(given().get(RESOURCES + "/"));
        assertUnauthorized(given().delete(RESOURCES + "/1"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "Bearer " + OPERATOR_TOKEN, "bearer " + OPERATOR_TOKEN, "BEARER  " + OPERATOR_TOKEN })
    void opensTheOperatorsEndpoints_whenTheTokenIsTheOperators(String authorization) {
        RequestSpecification asked = given().header("Authorization", authorization);

        unlessUnavailable(() -> asked.get(RESOURCES)).then().statusCode(200);
        assertProblem(asked.delete(RESOURCES + "/no-such"), 404, "not_found");
    }

    @Test
    void saysNothingOfParameters_toWhoMayNotAsk() {
        assertUnauthorized(given().get(RESOURCES + "?limit=0"));
    }

    @Test
    void dropsNothing_whenThereIsNoToken() {
        long id = newId();
        intake("Bearer " + PRODUCER_TOKEN, id).then().statusCode(202);

        given().delete(RESOURCES + "/" + id);

        given().get(RESOURCES + "/" + id).then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = { "Bearer wrong", "Basic " + PRODUCER_TOKEN, "Bearer " + OPERATOR_TOKEN, "" })
    void keepsTheIntakeClosed_whenTheTokenIsNotTheProducers(String authorization) {
        long id = newId();

        assertUnauthorized(intake(authorization, id));

        assertProblem(given().get(RESOURCES + "/" + id), 404, "not_found");
    }

    @Test
    void keepsTheIntakeClosed_whenThereIsNoToken() {
        assertUnauthorized(given().contentType("application/json").body(packet(newId(), 1, "Bat", false)).post(PACKETS));
    }

    @Test
    void opensTheIntake_whenTheTokenIsThatOfTheFile() {
        intake("Bearer " + PRODUCER_TOKEN, newId()).then().statusCode(202);
    }

    @Test
    void tellsOneResource_toAnybody() {
        long id = newId();
        intake("Bearer " + PRODUCER_TOKEN, id);

        given().get(RESOURCES + "/" + id).then().statusCode(200);
    }

    private static Response intake(String authorization, long id) {
        return unlessUnavailable(() -> given().header("Authorization", authorization).contentType("application/json")
                .body(packet(id, 1, "Bat", false)).post(PACKETS));
    }

    private static void assertUnauthorized(Response answer) {
        assertProblem(answer, 401, "unauthorized");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.asString()).doesNotContain(OPERATOR_TOKEN, PRODUCER_TOKEN);
    }
}
