package io.ancillary.http;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.restassured.RestAssured.given;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.TokenFileResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** Every endpoint there is, as the public, with a wrong token, as a producer and as the operator. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN))
@WithTestResource(TokenFileResource.class)
class EveryEndpointTest {
    private static final String PRODUCER_TOKEN = TokenFileResource.TOKEN;
    private static final String STATION = "123e4567-e89b-12d3-a456-426614174099";

    /** Who may call it: anybody, a producer, the operator. */
    private static final String[] ENDPOINTS = {
            "POST   /api/v1/ancillary/packet/send-data         producer",
            "GET    /api/v1/ancillary/resources/{resource_id}  anybody",
            "GET    /api/v1/ancillary/resources                operator",
            "DELETE /api/v1/ancillary/resources/{resource_id}  operator",
            "POST   /api/v1/ancillary/outputs/{token}          anybody",
            "GET    /api/v1/parts                              operator",
            "POST   /api/v1/parts/{id}/retry                   operator",
            "GET    /api/v1/deliveries                         operator",
            "GET    /api/v1/deliveries/{id}                    operator",
            "POST   /api/v1/deliveries/{id}/redeliver          operator",
            "POST   /api/v1/deliveries/redeliver               operator",
            "POST   /charge_point/session                      producer",
            "GET    /charge_point/sessions/{id}                anybody",
            "GET    /charge_point/sessions                     operator",
            "GET    /charge_point/acl/{station_id}             operator",
            "PUT    /charge_point/acl/{station_id}             operator",
            "DELETE /charge_point/acl/{station_id}             operator" };

    /** The one that is no endpoint of JAX-RS. */
    private static final String BULK = "POST /api/v1/ancillary/packets producer";

    /** Those that dev mode and the benchmark have besides are in no other build. */
    private static final Set<String> ELSEWHERE = Set.of("DemoWebhook", "DemoProcessor", "BareResource");

    @Test
    void thereIsNoEndpointBesides() {
        Set<String> found = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.ancillary").stream()
                .filter(type -> type.isAnnotatedWith(Path.class) && !ELSEWHERE.contains(type.getSimpleName()))
                .map(JavaClass::reflect).flatMap(EveryEndpointTest::endpointsOf).collect(toCollection(TreeSet::new));

        assertThat(found).containsExactlyInAnyOrderElementsOf(
                Stream.of(ENDPOINTS).map(line -> line.split(" +")).map(words -> words[0] + " " + words[1]).toList());
    }

    @Test
    void opensToWhomItShould_andToNobodyElse() {
        for (String line : Stream.concat(Stream.of(ENDPOINTS), Stream.of(BULK)).toList()) {
            String[] words = line.split(" +");
            assertOpen(words, null, words[2].equals("anybody"));
            assertOpen(words, "wrong", words[2].equals("anybody"));
            assertOpen(words, PRODUCER_TOKEN, !words[2].equals("operator"));
            assertOpen(words, OPERATOR_TOKEN, !words[2].equals("producer"));
        }
    }

    @ParameterizedTest
    @CsvSource({ "/charge_point/session/", "/charge_point/sessions/", "/api/v1/ancillary/resources/",
            "/api/v1/ancillary/packet/send-data/", "/api/v1/parts/", "/api/v1/deliveries/" })
    void isAsClosed_withATrailingSlash(String path) {
        String method = path.contains("send-data") || path.endsWith("session/") ? "POST" : "GET";

        assertProblem(call(method, path, null), 401, "unauthorized");
    }

    private static void assertOpen(String[] endpoint, String token, boolean open) {
        Response answer = call(endpoint[0], endpoint[1], token);
        assertThat(answer.statusCode() != 401).as("%s %s with token %s: %s", endpoint[0], endpoint[1], token, answer.asString())
                .isEqualTo(open);
    }

    private static Response call(String method, String path, String token) {
        String filled = path.replace("{resource_id}", "no-such").replace("{id}", "0-nosuch").replace("{station_id}", STATION)
                .replace("{token}", "no-such");
        var request = given().contentType("application/json");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (method.equals("POST") || method.equals("PUT")) {
            request.body("{}");
        }
        return request.request(method, filled);
    }

    private static Stream<String> endpointsOf(Class<?> resource) {
        String root = resource.getAnnotation(Path.class).value();
        return Arrays.stream(resource.getDeclaredMethods()).flatMap(method -> verb(method)
                .map(verb -> verb + " " + root
                        + Optional.ofNullable(method.getAnnotation(Path.class)).map(Path::value).orElse(""))
                .stream());
    }

    private static Optional<String> verb(AnnotatedElement method) {
        return Arrays.stream(method.getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .filter(verb -> verb != null).map(HttpMethod::value).findFirst();
    }
}
