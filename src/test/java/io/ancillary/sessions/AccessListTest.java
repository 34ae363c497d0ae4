package io.ancillary.sessions;

import static io.ancillary.testsupport.Api.ACCESS_LIST;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** The operator's hand on the access control list. */
@QuarkusTest
class AccessListTest {
    private final String station = UUID.randomUUID().toString();

    @Test
    void givesBack_whatWasPut() {
        put("{\"driver_tokens\":[\"driver-token-number-two-2\",\"driver-token-number-one-1\"]}").then().statusCode(200);

        Response answer = given().get(ACCESS_LIST + station);

        assertThat(answer.jsonPath().getString("station_id")).isEqualTo(station);
        assertThat(answer.jsonPath().<String> getList("driver_tokens"))
                .containsExactly("driver-token-number-one-1", "driver-token-number-two-2");
    }

    @Test
    void givesBackTheStar() {
        put("{\"driver_tokens\":\"*\"}").then().statusCode(200);

        assertThat(given().get(ACCESS_LIST + station).jsonPath().getString("driver_tokens")).isEqualTo("*");
    }

    @Test
    void hasNoEntry_whenItWasTakenOut() {
        put("{\"driver_tokens\":\"*\"}");

        given().delete(ACCESS_LIST + station).then().statusCode(204);

        assertProblem(given().get(ACCESS_LIST + station), 404, "not_found");
        assertProblem(given().delete(ACCESS_LIST + station), 404, "not_found");
    }

    @Test
    void holdsAThousandTokens_andNotOneMore() {
        put(tokens(1000)).then().statusCode(200);

        assertProblem(put(tokens(1001)), 400, "invalid_request");
        assertThat(given().get(ACCESS_LIST + station).jsonPath().<String> getList("driver_tokens")).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "[]", "null", "{}", "{\"driver_tokens\":null}", "{\"driver_tokens\":[]}",
            "{\"driver_tokens\":\"all\"}", "{\"driver_tokens\":[\"*\"]}", "{\"driver_tokens\":[1]}",
            "{\"driver_tokens\":[\"short\"]}", "{\"driver_tokens\":[\"with a space in it, long\"]}",
            "{\"driver_tokens\":{\"a\":1}}", "{\"driver_tokens\":", "nonsense",
            "{\"driver_tokens\":\"*\"} x", "{\"driver_tokens\":[\"a-token-that-is-long-enough\"],\"driver_tokens\":\"*\"}" })
    void refuses_whatIsNoEntry(String body) {
        assertProblem(put(body), 400, "invalid_request");
    }

    @ParameterizedTest
    @ValueSource(strings = { "not-a-uuid", "123E4567-E89B-12D3-A456-426614174000" })
    void refuses_whatIsNoStation(String id) {
        List.of(given().get(ACCESS_LIST + id), given().delete(ACCESS_LIST + id),
                given().contentType("application/json").body("{\"driver_tokens\":\"*\"}").put(ACCESS_LIST + id))
                .forEach(answer -> assertProblem(answer, 400, "invalid_request"));
    }

    private Response put(String body) {
        return given().contentType("application/json").body(body).put(ACCESS_LIST + station);
    }

    private static String tokens(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"driver-token-with-number-" + i + "\"")
                .collect(Collectors.joining(",", "{\"driver_tokens\":[", "]}"));
    }
}
