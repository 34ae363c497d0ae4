package io.ancillary.packets;

import static io.ancillary.testsupport.Api.assertProblem;
import static io.ancillary.testsupport.Api.complete;
import static io.ancillary.testsupport.Api.newId;
import static io.ancillary.testsupport.Api.sendLast;
import static io.ancillary.testsupport.ServiceBehaviour.putsOff;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.ServiceCall;
import io.ancillary.testsupport.ServiceResource;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Packets that the service put off and forgot. */
@QuarkusTest
@WithTestResource(SinkResource.class)
@WithTestResource(value = ServiceResource.class, initArgs = {
        @ResourceArg(name = "ancillary.packets.completion-timeout", value = "1s"),
        @ResourceArg(name = "ancillary.packets.service.attempts", value = "3"),
        @ResourceArg(name = "ancillary.packets.service.retry-delay", value = "20ms") })
class CompletionTimeoutTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    WebhookSink sink;
    ServiceStub service;

    private final long id = newId();
    private final String payload = "payload " + id;

    @Test
    void isSentAgain_whenNoOutputComesInTime() {
        service.next(payload, putsOff());

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).endsWith("\"output\":[\"" + payload + "\"]}");
        List<ServiceCall> calls = service.calls(payload);
        assertThat(calls).hasSize(2);
        assertThat(calls.get(1).key()).isEqualTo(calls.get(0).key());
        assertThat(calls.get(1).completionUrl()).isEqualTo(calls.get(0).completionUrl());
        assertThat(Duration.ofNanos(calls.get(1).arrivalNanos() - calls.get(0).arrivalNanos()))
                .isGreaterThanOrEqualTo(TIMEOUT);
    }

    @Test
    void fails_whenItWasPutOffAsOftenAsItMay() {
        service.always(payload, putsOff());

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).contains("\"status\":\"incomplete\"").endsWith("\"failed\":[{\"packet_index\":1,"
                + "\"error\":\"the ancillary service did not complete it, after 3 attempts\"}]}");
        assertThat(service.calls(payload)).hasSize(3).extracting(ServiceCall::key)
                .containsOnly(service.calls(payload).get(0).key());
    }

    /** Attempts are attempts, whether they were put off or failed. */
    @Test
    void fails_whenAllAttemptsTogetherAreUsedUp() {
        service.next(payload, putsOff(), status(500), status(503));

        sendLast(id, 1, payload);

        assertThat(sink.awaitBody(id)).contains("\"error\":\"the ancillary service answered 503, after 3 attempts\"");
        assertThat(service.calls(payload)).hasSize(3);
    }

    @Test
    void awaitsNoOutput_whenTheResourceHasEndedWithoutIt() {
        service.always(payload, putsOff());
        sendLast(id, 1, payload);
        sink.awaitBody(id);

        assertProblem(complete(service.calls(payload).get(0).completionUrl(), "[1]"), 410, "finished");
    }

    @Test
    void takesTheOutputOfTheFirstAttempt_whenItWasSentAgain() {
        service.always(payload, putsOff());
        sendLast(id, 1, payload);
        ServiceCall first = service.await(payload, 2).get(0);

        complete(first.completionUrl(), "[1]").then().statusCode(200);

        assertThat(sink.awaitBody(id)).endsWith("\"status\":\"completed\",\"packet_count\":1,\"output\":[1]}");
        assertThat(service.calls(payload)).hasSize(2);
    }
}
