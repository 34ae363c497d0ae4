package io.ancillary.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.stream.Stream;

import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.RawHttp;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** What a browser is told, whatever it was led to. */
@QuarkusTest
class BrowsersTest {

    @ParameterizedTest
    @CsvSource({ "GET, /, 404", "GET, /api/v1/ancillary/resources, 200", "GET, /api/v1/ancillary/resources/none, 404",
            "GET, /api/v1/deliveries, 200", "GET, /api/v1/parts?status=dead, 200", "GET, /charge_point/sessions, 200",
            "GET, /charge_point/session/, 405", "POST, /api/v1/ancillary/packet/send-data/, 415",
            "GET, /api/v1/ancillary/outputs/none, 405", "OPTIONS, /api/v1/ancillary/resources, 200" })
    void isToldToRunNothing_frameNothing_andKeepNothing(String method, String path, int status) {
        Response answer = given().request(method, path);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertProtected(answer);
    }

    @ParameterizedTest
    @CsvSource({ "/q/health", "/q/health/live", "/q/metrics", "/none" })
    void isToldSo_onTheManagementPortToo(String path) {
        int port = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);

        assertProtected(given().port(port).get(path));
    }

    private static void assertProtected(Response answer) {
        assertThat(answer.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.getHeader("X-Frame-Options")).isEqualTo("DENY");
        assertThat(answer.getHeader("Content-Security-Policy")).isEqualTo("default-src 'none'; frame-ancestors 'none'");
        assertThat(answer.getHeader("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(answer.getHeader("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(answer.getHeader("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.getHeader("Server")).isNull();
    }

    @Test
    void mayNotReadWhatPagesOfOthersAskFor() {
        Response simple = given().header("Origin", "https://evil.example").get(Api.RESOURCES);
        Response asked = given().header("Origin", "https://evil.example").header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "content-type,authorization").options(Api.PACKETS);

        assertThat(simple.headers())
                .noneMatch(header -> header.getName().toLowerCase(Locale.ROOT).startsWith("access-control"));
        assertThat(asked.headers())
                .noneMatch(header -> header.getName().toLowerCase(Locale.ROOT).startsWith("access-control"));
    }

    /** No page can have a browser send JSON without being asked first. */
    @Test
    void cannotBeMadeToPostByAForm() {
        String packet = Api.packet(Api.newId(), 1, "a", true);

        assertThat(Stream.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"))
                .allMatch(type -> RawHttp.post("Content-Type: " + type, packet).status() == 415);
    }
}
