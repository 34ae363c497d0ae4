package io.ancillary.sessions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ProblemException;
import io.smallrye.mutiny.Uni;

/** The messages of a request to start a session, as the contract has them. */
class SessionReaderTest {
    private static final String STATION = "\"123e4567-e89b-12d3-a456-426614174000\"";
    private static final String TOKEN = "\"validDriverToken-._~123\"";
    private static final String URL = "\"https://example.com/callback\"";

    private static final String NO_STATION = "station_id is missing";
    private static final String BAD_STATION = "station id is not a valid uuid";
    private static final String NO_TOKEN = "driver_token is missing";
    private static final String NO_URL = "callback_url is missing";
    private static final String BAD_URL = "callback_url is not a valid URL";

    private final SessionReader reader = new SessionReader(
            new CallbackPolicy(List.of(), List.of(), List.of(), List.of(), name -> Uni.createFrom().item(List.of())));

    @Test
    void readsARequest_whenAllIsRight() {
        assertThat(reader.read(body(STATION, TOKEN, URL).getBytes(UTF_8))).isEqualTo(new SessionRequest(
                "123e4567-e89b-12d3-a456-426614174000", "validDriverToken-._~123", "https://example.com/callback"));
    }

    @ParameterizedTest
    @MethodSource
    void saysAllThatIsWrong_inOrder(String body, List<String> messages) {
        assertThatThrownBy(() -> reader.read(body.getBytes(UTF_8))).isInstanceOf(ProblemException.class)
                .hasMessage(String.join(" \n", messages));
    }

    static Stream<Arguments> saysAllThatIsWrong_inOrder() {
        return Stream.of(
                wrong("{}", NO_STATION, NO_TOKEN, NO_URL),
                wrong(body("null", "null", "null"), NO_STATION, NO_TOKEN, NO_URL),
                wrong(body("\"\"", "\"\"", "\"\""), BAD_STATION, length(0), BAD_URL),
                wrong(body("1", "12345678901234567890", "true"), BAD_STATION, length(0), BAD_URL),
                wrong(body("[]", "{}", "[\"https://example.com\"]"), BAD_STATION, length(0), BAD_URL),
                wrong(body("\"123E4567-E89B-12D3-A456-426614174000\"", TOKEN, URL), BAD_STATION),
                wrong(body("\"123e4567e89b12d3a456426614174000\"", TOKEN, URL), BAD_STATION),
                wrong(body("\" 123e4567-e89b-12d3-a456-426614174000\"", TOKEN, URL), BAD_STATION),
                wrong(body(STATION, "\"" + "a".repeat(19) + "\"", URL), length(19)),
                wrong(body(STATION, "\"" + "a".repeat(81) + "\"", URL), length(81)),
                wrong(body(STATION, "\"a b/" + "c".repeat(20) + "/\"", URL), character(" "), character("/"), character("/")),
                wrong(body(STATION, "\"\uD83D\uDE00\"", URL), length(1), character("\uD83D\uDE00")),
                wrong(body(STATION, "\"" + "é".repeat(20) + "\"", URL), Stream.generate(() -> character("é")).limit(20)
                        .toArray(String[]::new)),
                wrong(body(STATION, "\"" + "!".repeat(30) + "\"", URL), Stream.generate(() -> character("!")).limit(20)
                        .toArray(String[]::new)),
                wrong(body(STATION, TOKEN, "\"ftp://example.com/\""), BAD_URL),
                wrong(body(STATION, TOKEN, "\"https://example.com/" + "a".repeat(2048) + "\""), BAD_URL),
                wrong("{\"station_id\":" + STATION + "," + body(STATION, TOKEN, URL).substring(1),
                        "station_id is given more than once"));
    }

    private static Arguments wrong(String body, String... messages) {
        return Arguments.of(body, List.of(messages));
    }

    private static String length(int length) {
        return "driver token len is " + length + ". But it should be between 20 and 80 characters";
    }

    private static String character(String character) {
        return "driver token contains invalid character " + character;
    }

    private static String body(String station, String token, String url) {
        return "{\"station_id\":" + station + ",\"driver_token\":" + token + ",\"callback_url\":" + url + "}";
    }
}
