package io.ancillary.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.RawHttp;
import io.ancillary.testsupport.SinkResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Whichever way a request takes, it gets the same answer: one whose length is not declared goes the long way. */
@QuarkusTest
@WithTestResource(SinkResource.class)
class ExpressLaneTest {
    private static final String SESSIONS = "/charge_point/session";
    private static final String JSON = "Content-Type: application/json";
    private static final String SESSION = "{\"station_id\":\"123e4567-e89b-12d3-a456-426614174000\",\"driver_token\":"
            + "\"driver-token-nobody-knows\",\"callback_url\":\"http://localhost:1/\"}";

    static Stream<List<String>> requests() {
        return Stream.concat(
                Stream.of("{}", "", "nonsense", "[]", "{\"resource_id\":1}", packet("x"), packet(" "),
                        packet("x").replace("1", "0"), packet("x") + packet("x")).map(body -> List.of(Api.PACKETS, JSON, body)),
                Stream.concat(
                        Stream.of("{}", "nonsense", "{\"station_id\":\"x\",\"driver_token\":\"?\"}")
                                .map(body -> List.of(SESSIONS, JSON, body)),
                        Stream.of(
                                List.of(Api.PACKETS, JSON + "; charset=*", packet("x")),
                                List.of(Api.PACKETS, JSON + ";charset=UTF-8", packet("x")),
                                List.of(Api.PACKETS, "Content-Type: application/jsonx", packet("x")),
                                List.of(Api.PACKETS, JSON + "\r\nAccept: application/json-seq", packet("x")),
                                List.of(Api.PACKETS, JSON + "\r\nAccept: text/html, application/jsonx", packet("x")),
                                List.of(Api.PACKETS, JSON + "\r\nAccept: x*/*y", packet("x")),
                                List.of(Api.PACKETS, JSON + "\r\nAccept: */*", packet("x")),
                                List.of(Api.PACKETS, JSON + "\r\nAccept: application/json, text/plain, */*", packet("x")),
                                List.of(SESSIONS, JSON + "\r\nIdempotency-Key: a b", SESSION),
                                List.of(SESSIONS, JSON + "\r\nIdempotency-Key: a\r\nIdempotency-Key: b", SESSION),
                                List.of(SESSIONS, JSON + "\r\nIdempotency-Key: a, b", SESSION),
                                List.of(SESSIONS, JSON + "\r\nIdempotency-Key: " + "x".repeat(256), SESSION))));
    }

    private static String packet(String payload) {
        return "{\"resource_id\":\"express\",\"payload\":\"" + payload + "\",\"packet_index\":1}";
    }

    @ParameterizedTest
    @MethodSource("requests")
    void answersAlike_onEitherWay(List<String> request) {
        byte[] body = request.get(2).getBytes(UTF_8);
        RawHttp shortWay = RawHttp.send("POST " + request.get(0) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + request.get(1) + "\r\nContent-Length: " + body.length + "\r\n\r\n" + request.get(2));
        RawHttp longWay = RawHttp.postChunked(request.get(0), request.get(1), body);

        assertThat(shortWay.status()).isEqualTo(longWay.status());
        assertThat(shortWay.body()).isEqualTo(longWay.body());
        assertThat(shortWay.header("Content-Type").replace(";charset=UTF-8", ""))
                .isEqualTo(longWay.header("Content-Type").replace(";charset=UTF-8", ""));
    }

    @Test
    void takesAnEmptyIdempotencyKeyForNone() {
        String head = JSON + "\r\nIdempotency-Key: ";
        RawHttp shortWay = RawHttp.send("POST " + SESSIONS + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + head
                + "\r\nContent-Length: " + SESSION.length() + "\r\n\r\n" + SESSION);

        assertThat(shortWay.status()).isEqualTo(202);
        assertThat(RawHttp.postChunked(SESSIONS, head, SESSION.getBytes(UTF_8)).status()).isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "/" })
    void saysWhereASessionIs_onEitherWay(String slash) {
        RawHttp shortWay = RawHttp.send("POST " + SESSIONS + slash + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + JSON + "\r\nContent-Length: " + SESSION.length() + "\r\n\r\n" + SESSION);
        RawHttp longWay = RawHttp.postChunked(SESSIONS + slash, JSON, SESSION.getBytes(UTF_8));

        assertThat(Stream.of(shortWay, longWay)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.header("Location")).contains("/charge_point/sessions/0-");
        });
        assertThat(shortWay.body()).isEqualTo(longWay.body());
    }
}
