package io.ancillary.packets;

import static io.ancillary.testsupport.Api.OPERATOR_TOKEN;
import static io.ancillary.testsupport.Api.OUTPUTS;
import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.complete;
import static io.ancillary.testsupport.Api.drop;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.packet;
import static io.ancillary.testsupport.Api.post;
import static io.ancillary.testsupport.Api.resource;
import static io.ancillary.testsupport.Api.send;
import static io.ancillary.testsupport.Api.sendLast;
import static io.ancillary.testsupport.ServiceBehaviour.breaksOff;
import static io.ancillary.testsupport.ServiceBehaviour.gives;
import static io.ancillary.testsupport.ServiceBehaviour.givesBeforePuttingOff;
import static io.ancillary.testsupport.ServiceBehaviour.isEndless;
import static io.ancillary.testsupport.ServiceBehaviour.putsOff;
import static io.ancillary.testsupport.ServiceBehaviour.putsOffThenGives;
import static io.ancillary.testsupport.ServiceBehaviour.putsOffThenGivesTwice;
import static io.ancillary.testsupport.ServiceBehaviour.says;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.RawHttp;
import io.ancillary.testsupport.ServiceBehaviour;
import io.ancillary.testsupport.ServiceCall;
import io.ancillary.testsupport.ServiceResource;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** Packets go in, a service elsewhere processes them, at once or later, and one webhook comes out. */
@QuarkusTest
@WithTestResource(SinkResource.class)
@WithTestResource(value = ServiceResource.class, initArgs = {
        @ResourceArg(name = "ancillary.operator-token", value = OPERATOR_TOKEN),
        @ResourceArg(name = "ancillary.packets.service.authorization", value = "Bearer t0ken"),
        @ResourceArg(name = "ancillary.packets.service.attempts", value = "3"),
        @ResourceArg(name = "ancillary.packets.service.retry-delay", value = "20ms"),
        // Here packets fail by the dozen, and none is to wait for that.
        @ResourceArg(name = "ancillary.packets.service.breaker-volume", value = "10000") })
class RemotePacketsTest {
    private static final int MOST_BYTES = 1024 * 1024;

    WebhookSink sink;
    ServiceStub service;

    private final long id = newId();
    private final String payload = "payload " + id;

    @Test
    void delivers_whatTheServiceAnswers() {
        service.next(payload, gives("[1, \"two\"]"));

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, "1, \"two\""));
        assertThat(service.calls(payload)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = { "`7`, 7", "`\"order:7.a\"`, `\"order:7.a\"`", "`\"007\"`, `\"007\"`" })
    void asksTheService_withThePacket(String resource, String told) {
        drop(resource.replace("\"", ""));

        post("{\"resource_id\":" + resource + ",\"payload\":\"" + payload
                + " \\\"\\u00e9\\u0001\\ud83d\\ude00\\\\\",\"packet_index\":3,\"note\":1}").then().statusCode(202);

        ServiceCall call = service.await(payload + " \"\u00e9\u0001\uD83D\uDE00\\", 1).get(0);
        assertThat(call.body()).startsWith("{\"resource_id\":" + told + ",\"packet_index\":3,\"payload\":\"")
                .endsWith("\"}").doesNotContain("note", "last");
        assertThat(call.header("Authorization")).isEqualTo("Bearer t0ken");
        assertThat(call.key()).startsWith("0-packets:");
        assertThat(call.completionUrl()).contains("/api/v1/ancillary/outputs/" + call.key() + ".");
    }

    @Test
    void delivers_whenTheServiceAnswersLater() {
        service.next(payload, putsOffThenGives("[5]"));

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, "5"));
        assertThat(service.calls(payload)).hasSize(1);
    }

    @Test
    void delivers_whenTheOutputComesBeforeItIsKnownToBePutOff() {
        service.next(payload, givesBeforePuttingOff("[5]"));

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, "5"));
        assertThat(service.completions(payload)).singleElement()
                .satisfies(completion -> assertThat(completion.status()).isEqualTo(200));
        assertThat(service.calls(payload)).hasSize(1);
    }

    @Test
    void deliversOnce_whenTheServiceGivesTheOutputTwice() {
        service.next(payload, putsOffThenGivesTwice("[5]"));

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, "5"));
        await().atMost(WebhookSink.PATIENCE).untilAsserted(
                () -> assertThat(service.completions(payload)).extracting(ServiceStub.Completion::status).containsExactly(200,
                        200));
        assertThat(sink.of(id)).hasSize(1);
    }

    @Test
    void deliversInIndexOrder_whenPacketsAreCompletedInAnother() {
        putOff(1, false);
        putOff(2, true);

        complete(urlOf(2), "[2]").then().statusCode(200);
        complete(urlOf(1), "[1]").then().statusCode(200);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(2, "1,2"));
    }

    @Test
    void tellsHowManyPacketsWait() {
        putOff(1, false);
        putOff(2, false);
        service.next(payload + 3, gives("[3]"));
        send(id, 3, payload + 3);

        await().atMost(WebhookSink.PATIENCE).untilAsserted(() -> {
            assertThat(resource(id).jsonPath().getInt("processed")).isEqualTo(1);
            assertThat(resource(id).asString()).contains("\"waiting\":2,");
        });
        complete(urlOf(1), "[1]");

        assertThat(resource(id).asString()).contains("\"waiting\":1,", "\"processed\":2,");
    }

    @Test
    void takesAnOutput_onceAndAgain() {
        putOff(1, false);

        Response first = complete(urlOf(1), "[1]");
        Response again = complete(urlOf(1), "[1]");

        assertThat(List.of(first, again)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.contentType()).isEqualTo("application/json");
            assertThat(answer.asString()).isEqualTo("{\"status\":\"accepted\"}");
        });
    }

    @Test
    void takesAnOutputAgain_afterTheResourceHasEnded() {
        putOff(1, true);
        complete(urlOf(1), "[1]");
        sink.awaitBody(id);

        assertThat(complete(urlOf(1), "[1]").statusCode()).isEqualTo(200);
        assertProblem(complete(urlOf(1), "[2]"), 409, "content_conflict");
    }

    @Test
    void refusesAnotherOutput() {
        putOff(1, false);
        complete(urlOf(1), "[1]");

        assertProblem(complete(urlOf(1), "[2]"), 409, "content_conflict");
        assertThat(resource(id).jsonPath().getInt("processed")).isEqualTo(1);
    }

    /** What came first counts, also when it was the answer to the call. */
    @Test
    void refusesAnotherOutput_whenTheServiceHadAnsweredAtOnce() {
        send(id, 1, payload + 1);
        await().atMost(WebhookSink.PATIENCE)
                .untilAsserted(() -> assertThat(resource(id).jsonPath().getInt("processed")).isEqualTo(1));

        assertProblem(complete(urlOf(1), "[2]"), 409, "content_conflict");
    }

    @Test
    void knowsNoToken_thatIsForged() {
        putOff(1, false);
        String url = urlOf(1);
        String token = url.substring(url.lastIndexOf('/') + 1);

        for (String forged : List.of(token.replace(":1.", ":2."), token.substring(0, token.length() - 2) + "__",
                token.substring(0, token.lastIndexOf('.')), token + "x", "1" + token, token.replace("packets", "sessions"),
                "nonsense", ".", "x".repeat(300), "x".repeat(301), "0-packets:" + id + ":g:1.AAAAAAAAAAAAAAAAAAAAAA")) {
            assertProblem(complete(OUTPUTS + forged, "[1]"), 404, "not_found");
        }
        assertThat(complete(url, "[1]").statusCode()).isEqualTo(200);
    }

    @Test
    void awaitsNoOutput_whenTheResourceWasDropped() {
        putOff(1, false);
        drop(id);

        assertProblem(complete(urlOf(1), "[1]"), 410, "finished");
    }

    @Test
    void awaitsNoOutput_whenThePacketHasFailed() {
        service.next(payload + 1, status(404));
        sendLast(id, 1, payload + 1);
        sink.awaitBody(id);

        assertProblem(complete(urlOf(1), "[1]"), 410, "finished");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "nonsense", "[1", "[1] [2]" })
    void awaitsTheOutput_whenWhatCameIsNotJson(String body) {
        putOff(1, true);

        assertProblem(complete(urlOf(1), body), 400, "invalid_request");

        assertThat(resource(id).asString()).contains("\"waiting\":1,");
        assertThat(complete(urlOf(1), "[1]").statusCode()).isEqualTo(200);
        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, "1"));
    }

    @Test
    void awaitsTheOutput_whenWhatCameIsOfAnotherType() {
        putOff(1, true);

        assertProblem(given().urlEncodingEnabled(false).contentType("text/plain").body("[1]").post(urlOf(1)), 415,
                "unsupported_media_type");

        assertThat(resource(id).asString()).contains("\"waiting\":1,");
    }

    @Test
    void takesAnOutput_asLongAsOneMayBe() {
        putOff(1, true);
        String longest = "\"" + "x".repeat(MOST_BYTES - 2) + "\"";

        assertThat(complete(urlOf(1), longest).statusCode()).isEqualTo(200);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, longest));
    }

    @Test
    void awaitsTheOutput_whenWhatCameIsOneByteTooLong() {
        putOff(1, true);

        assertProblem(complete(urlOf(1), "\"" + "x".repeat(MOST_BYTES - 1) + "\""), 413, "too_large");

        assertThat(resource(id).asString()).contains("\"waiting\":1,");
        assertThat(complete(urlOf(1), "[1]").statusCode()).isEqualTo(200);
    }

    @Test
    void awaitsTheOutput_whenWhatCameIsTooLong_andDidNotSayHowLong() {
        putOff(1, true);
        byte[] tooLong = ("\"" + "x".repeat(MOST_BYTES - 1) + "\"").getBytes(UTF_8);

        RawHttp answer = RawHttp.postChunked(URI.create(urlOf(1)).getPath(), "Content-Type: application/json", tooLong);

        assertProblem(answer.status(), answer.body(), 413, "too_large");
        assertThat(resource(id).asString()).contains("\"waiting\":1,");
    }

    @Test
    void takesAnOutput_asLongAsOneMayBe_thatDidNotSayHowLong() {
        putOff(1, true);
        String longest = "\"" + "x".repeat(MOST_BYTES - 2) + "\"";

        RawHttp answer = RawHttp.postChunked(URI.create(urlOf(1)).getPath(), "Content-Type: application/json",
                longest.getBytes(UTF_8));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, longest));
    }

    @Test
    void endsIncomplete_whenTheServiceRefusesAPacket() {
        service.next(payload, status(404));
        sendLast(id, 2, payload);

        send(id, 1, payload + 1);

        assertThat(sink.awaitBody(id)).isEqualTo("{\"resource_id\":" + id + ",\"status\":\"incomplete\",\"packet_count\":2,"
                + "\"output\":[\"" + payload + "1\"],\"missing\":[],"
                + "\"failed\":[{\"packet_index\":2,\"error\":\"the ancillary service answered 404\"}]}");
        assertThat(service.calls(payload)).hasSize(1);
    }

    @Test
    void endsIncomplete_whenAllAttemptsFailed() {
        service.next(payload, breaksOff(), status(500), status(429), ServiceBehaviour.right());

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).endsWith(
                "\"failed\":[{\"packet_index\":1,\"error\":\"the ancillary service answered 429, after 3 attempts\"}]}");
        assertThat(service.calls(payload)).hasSize(3).extracting(ServiceCall::key)
                .containsOnly(service.calls(payload).get(0).key());
    }

    @Test
    void endsIncomplete_whenAnOutputIsTooLarge() {
        service.next(payload, isEndless());

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).contains("the output is larger than 1048576 bytes");
        assertThat(service.calls(payload)).hasSize(1);
    }

    @Test
    void endsIncomplete_whenAnOutputIsNotJson() {
        service.next(payload, says("application/json", "<html>"));

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).contains("\"error\":\"the output is not JSON\"");
        assertThat(service.calls(payload)).hasSize(1);
    }

    @Test
    void completes_whenAFailurePasses() {
        service.next(payload, status(500), breaksOff());

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).isEqualTo(completed(1, "\"" + payload + "\""));
        assertThat(service.calls(payload)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = { false, true })
    void delivers_outputsOfAnyType_inIndexOrder(boolean later) {
        List<String> outputs = List.of("{\"a\":[1]}", "\"text\"", "-1.5e3", "null", "[[1,[2]],[3]]", "[]", "[ ]", "true",
                "[\"\u00e9\",\"\uD83D\uDE00\"]");
        for (int index = outputs.size(); index > 0; index--) {
            String output = outputs.get(index - 1);
            service.next(payload + index, later ? putsOffThenGives(output) : gives(output));
            post(packet(id, index, payload + index, index == outputs.size()));
        }

        assertThat(sink.awaitBody(id)).isEqualTo(completed(outputs.size(),
                "{\"a\":[1]},\"text\",-1.5e3,null,[1,[2]],[3],true,\"\u00e9\",\"\uD83D\uDE00\""));
    }

    private String completed(int packets, String output) {
        return "{\"resource_id\":" + id + ",\"status\":\"completed\",\"packet_count\":" + packets + ",\"output\":[" + output
                + "]}";
    }

    /** Sends a packet that the service then answers for later, and waits until it is known to. */
    private void putOff(int index, boolean last) {
        int before = resource(id).statusCode() == 404 ? 0 : resource(id).jsonPath().getInt("waiting");
        service.next(payload + index, putsOff());
        post(packet(id, index, payload + index, last)).then().statusCode(202);
        await().atMost(WebhookSink.PATIENCE)
                .untilAsserted(() -> assertThat(resource(id).jsonPath().getInt("waiting")).isEqualTo(before + 1));
    }

    /** Where a packet's output is awaited. */
    private String urlOf(int index) {
        return service.await(payload + index, 1).get(0).completionUrl();
    }
}
