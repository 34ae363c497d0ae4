package io.ancillary.processing;

import static io.ancillary.testsupport.ServiceBehaviour.after;
import static io.ancillary.testsupport.ServiceBehaviour.breaksOff;
import static io.ancillary.testsupport.ServiceBehaviour.gives;
import static io.ancillary.testsupport.ServiceBehaviour.isEndless;
import static io.ancillary.testsupport.ServiceBehaviour.putsOff;
import static io.ancillary.testsupport.ServiceBehaviour.says;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.PartResult;
import io.ancillary.collation.PartResult.Output;
import io.ancillary.processing.Processed.Done;
import io.ancillary.testsupport.ServiceBehaviour;
import io.ancillary.testsupport.ServiceCall;
import io.quarkus.test.junit.QuarkusTest;

/** What a service answers, in every way a service can, and what it is asked; each call counted. */
@QuarkusTest
class RemoteServiceTest extends RemoteServiceFixture {

    @Test
    void gives_whatTheServiceAnswers() {
        stub.next(subject, gives(" {\"a\": [1]}\n"));

        Processed processed = turn(service());

        assertThat(processed).isEqualTo(new Done(new Output("{\"a\": [1]}")));
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @Test
    void waitsForTheAnswer_whenTheServiceIsSlow() {
        stub.next(subject, after(Duration.ofMillis(300), gives("[1]")));

        assertThat(turn(service())).isEqualTo(new Done(new Output("[1]")));
        assertThat(stub.calls(subject)).hasSize(1);
    }

    /** It is the body that counts: many services do not say, or say it wrongly. */
    @ParameterizedTest
    @ValueSource(strings = { "text/plain", "application/octet-stream", "application/vnd.x+json; charset=utf-8" })
    void gives_whatTheServiceAnswers_whateverTypeItSaysItIs(String contentType) {
        stub.next(subject, says(contentType, "[1]"));

        assertThat(turn(service())).isEqualTo(new Done(new Output("[1]")));
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = { 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 451 })
    void failsAtOnce_whenItIsThePartsFault(int status) {
        stub.next(subject, status(status));

        assertThat(failure(turn(service()))).isEqualTo("the remote answered " + status);
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @Test
    void isPutOff_whenTheServiceSaysSo() {
        stub.next(subject, putsOff());

        assertThat(turn(service())).isEqualTo(new Done(new PartResult.Deferred(1)));
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @Test
    void isPutOff_withAllAttemptsCounted() {
        stub.next(subject, status(500), status(500), putsOff());

        Processed processed = turn(service(), subject, turnAfter(3));

        assertThat(processed).isEqualTo(new Done(new PartResult.Deferred(6)));
        assertThat(stub.calls(subject)).hasSize(3);
    }

    @Test
    void fails_whenItIsPutOff_andNobodyCouldCompleteIt() {
        publicUrl = Optional.empty();
        stub.next(subject, putsOff());

        assertThat(failure(turn(service()))).startsWith("the remote answered 202").contains("ANCILLARY_PUBLIC_URL");
        assertThat(stub.calls(subject)).singleElement().extracting(ServiceCall::completionUrl).isNull();
    }

    @Test
    void readsNoFurther_whenTheOutputIsTooLarge() {
        stub.next(subject, isEndless());

        assertThat(failure(turn(service()))).isEqualTo("the output is larger than 1048576 bytes");
        assertThat(stub.calls(subject)).hasSize(1);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(stub.abandoned(subject)).isEqualTo(1));
        assertThat(stub.written()).isLessThan(ServiceBehaviour.MOST_BYTES / 8);
    }

    @Test
    void takesAnOutput_asLongAsOneMayBe() {
        String longest = "\"" + "x".repeat(JsonText.MOST_BYTES - 2) + "\"";
        stub.next(subject, gives(longest));

        assertThat(turn(service())).isEqualTo(new Done(new Output(longest)));
    }

    @Test
    void fails_whenTheOutputIsOneByteTooLong() {
        stub.next(subject, gives("\"" + "x".repeat(JsonText.MOST_BYTES - 1) + "\""));

        assertThat(failure(turn(service()))).isEqualTo("the output is larger than 1048576 bytes");
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "<html>", "[1] [2]", "[1" })
    void failsAtOnce_whenTheOutputIsNotJson(String body) {
        stub.next(subject, says("application/json", body));

        assertThat(failure(turn(service()))).isEqualTo("the output is not JSON");
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @Test
    void isAskedAsOneWouldAskAgain() {
        stub.next(subject, status(500), breaksOff());

        turn(service());

        List<ServiceCall> calls = stub.calls(subject);
        assertThat(calls).hasSize(3).allSatisfy(call -> {
            assertThat(call.key()).isEqualTo(part().text());
            assertThat(call.header("Authorization")).isEqualTo("Bearer t0ken");
            assertThat(call.header("Content-Type")).isEqualTo("application/json");
            assertThat(call.header("Accept")).isEqualTo("application/json");
            assertThat(call.body()).isEqualTo(json(subject));
            assertThat(call.path()).isEqualTo("/process");
            assertThat(call.completionUrl()).isEqualTo(
                    "https://ancillary.example/base/api/v1/ancillary/outputs/" + turnAfter(0).token());
        });
    }

    @Test
    void saysNothingOfWhoAsks_whenNothingIsConfigured() {
        authorization = Optional.empty();

        turn(service());

        assertThat(stub.calls(subject)).singleElement().extracting(call -> call.header("Authorization")).isNull();
    }
}
