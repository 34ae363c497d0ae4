package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.PACKETS;
import static io.ancillary.testsupport.Api.RESOURCES;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.packet;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.RawHttp;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** Well-formed requests that are refused, and what they leave undisturbed. */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN))
class RefusalsTest {

    WebhookSink sink;

    @Test
    void saysContentConflict_whenAnIndexComesWithAnotherPayload() {
        long id = newId();
        send(id, 1, "Bat");

        assertProblem(send(id, 1, "Ball"), 409, "content_conflict");

        sendLast(id, 2, "tennis");
        assertThat(sink.awaitBody(id)).endsWith("\"output\":[3,6]}");
    }

    @Test
    void saysContentConflict_whenAnIndexComesWithAnotherFlag() {
        long id = newId();
        send(id, 1, "Bat");

        assertProblem(sendLast(id, 1, "Bat"), 409, "content_conflict");

        sendLast(id, 2, "tennis");
        assertThat(sink.awaitBody(id)).endsWith("\"output\":[3,6]}");
    }

    @Test
    void saysContentConflict_whenAnIndexComesWithAnotherPayloadAfterTheEnd() {
        long id = newId();
        sendLast(id, 1, "Bat");
        sink.awaitBody(id);

        assertProblem(sendLast(id, 1, "Ball"), 409, "content_conflict");
    }

    @Test
    void saysIndexBeyondLast_whenAnIndexIsPastTheLast() {
        long id = newId();
        sendLast(id, 2, "Ball");

        assertProblem(send(id, 3, "tennis"), 409, "index_beyond_last");

        send(id, 1, "Bat");
        assertThat(sink.awaitBody(id)).endsWith("\"output\":[3,4]}");
    }

    @Test
    void saysLastConflict_whenAnotherIsTheLast() {
        long id = newId();
        sendLast(id, 3, "tennis");

        assertProblem(sendLast(id, 2, "Ball"), 409, "last_conflict");

        send(id, 1, "Bat");
        send(id, 2, "Ball");
        assertThat(sink.awaitBody(id)).endsWith("\"output\":[3,4,6]}");
    }

    @Test
    void saysLastConflict_whenAHigherIndexWasReceived() {
        long id = newId();
        send(id, 3, "tennis");

        assertProblem(sendLast(id, 2, "Ball"), 409, "last_conflict");

        send(id, 1, "Bat");
        send(id, 2, "Ball");
        sendLast(id, 4, "x");
        assertThat(sink.awaitBody(id)).endsWith("\"output\":[3,4,6,1]}");
    }

    @Test
    void saysResourceFinished_whenANewPacketComesAfterTheEnd() {
        long id = newId();
        sendLast(id, 1, "Bat");
        sink.awaitBody(id);

        assertProblem(send(id, 2, "Ball"), 409, "resource_finished");
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET", "PUT", "DELETE", "PATCH" })
    void saysWhatIsAllowed_whenTheMethodIsAnother(String method) {
        Response answer = given().request(method, PACKETS);

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(allowed(answer)).containsExactly("POST");
    }

    @ParameterizedTest
    @CsvSource({ "POST, /1, 'DELETE,GET,HEAD'", "POST, '', 'GET,HEAD'", "PUT, /, 'GET,HEAD'" })
    void saysWhatIsAllowed_ofResources(String method, String path, String expected) {
        Response answer = given().request(method, RESOURCES + path);

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(allowed(answer)).containsExactly(expected.split(","));
    }

    @ParameterizedTest
    @ValueSource(strings = { "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/x-ndjson",
            "application/vnd.packet+json", "multipart/form-data; boundary=x", "nonsense", "application/*", "*/*" })
    void saysUnsupportedMediaType_whenTheContentTypeIsAnother(String contentType) {
        RawHttp answer = RawHttp.post("Content-Type: " + contentType, packet(newId(), 1, "Bat", false));

        assertProblem(answer.status(), answer.body(), 415, "unsupported_media_type");
    }

    @Test
    void saysUnsupportedMediaType_whenThereIsNoContentType() {
        RawHttp answer = RawHttp.post("X-Other: header", packet(newId(), 1, "Bat", false));

        assertProblem(answer.status(), answer.body(), 415, "unsupported_media_type");
    }

    @Test
    void saysNotAcceptable_whenOnlyAnotherTypeIsWanted() {
        Response answer = given().contentType("application/json").accept("text/html")
                .body(packet(newId(), 1, "Bat", false)).post(PACKETS);

        assertProblem(answer, 406, "not_acceptable");
    }

    @ParameterizedTest
    @ValueSource(strings = { "/", "/nowhere", "/api/v1", "/api/v1/ancillary/packet", "/api/v1/ancillary/resources/1/2",
            "/q/health", "/q/dev-ui", "/demo/webhook", "/index.html", "/api/v1/ancillary/packet/send-data/1" })
    void saysNotFound_whenThePathIsUnknown(String path) {
        assertProblem(given().accept("text/html").get(path), 404, "not_found");
    }

    @ParameterizedTest
    @ValueSource(strings = { "/api/v1/ancillary/resources/%zz", "/api/v1/ancillary/resources/1?x=%zz", "/%" })
    void refusesAPathThatCannotBeDecoded(String path) {
        RawHttp answer = RawHttp.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");

        assertThat(answer.status()).isEqualTo(400);
        // Without what watches connections in the packaged service, the server refuses it before any code of ours.
        if (!answer.body().isEmpty()) {
            assertProblem(answer.status(), answer.body(), 400, "invalid_request");
        }
    }

    private static Set<String> allowed(Response answer) {
        return new TreeSet<>(Set.of(answer.header("Allow").split(", ")));
    }
}
