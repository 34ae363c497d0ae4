package io.ancillary.processing;

import static io.ancillary.testsupport.ServiceBehaviour.after;
import static io.ancillary.testsupport.ServiceBehaviour.right;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.processing.Processed.Done;
import io.ancillary.processing.Processed.Later;
import io.ancillary.testsupport.ServiceBehaviour;
import io.quarkus.test.junit.QuarkusTest;

/** How a service is spared that fails, or has enough to do. */
@QuarkusTest
class RemoteServiceBreakerTest extends RemoteServiceFixture {

    @Test
    void isLeftAlone_onceTooManyCallsFailed() {
        RemoteService service = serviceWithOpenBreaker("1m");

        Processed processed = turn(service, subject, turnAfter(3));

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> {
            assertThat(later.attempts()).isEqualTo(3);
            assertThat(later.pause()).isTrue();
        });
        assertThat(stub.calls(subject)).isEmpty();
    }

    @Test
    void isLeftAlone_inTheMiddleOfATurn() {
        settings.putAll(Map.of("service.breaker-volume", "2", "service.breaker-delay", "1m"));
        stub.always(subject, status(500));

        Processed processed = turn(service());

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> {
            assertThat(later.attempts()).isEqualTo(2);
            assertThat(later.pause()).isTrue();
        });
        assertThat(stub.calls(subject)).hasSize(2);
    }

    @Test
    void isTriedOnce_whenItWasLeftAloneForLongEnough() {
        RemoteService service = serviceWithOpenBreaker("300ms");

        await().atMost(PATIENCE).until(() -> turn(service), Done.class::isInstance);

        assertThat(stub.calls(subject)).hasSize(1);
        assertThat(turn(service, "another", turnAfter(0))).as("closed again").isInstanceOf(Done.class);
    }

    @Test
    void isTriedWithOneCallOnly() {
        RemoteService service = serviceWithOpenBreaker("300ms");
        stub.next(subject, after(Duration.ofMillis(700), right()));
        await().atMost(PATIENCE).until(() -> {
            begin(service, subject, turnAfter(0));
            return stub.calls(subject).size() == 1;
        });

        Processed processed = turn(service, "another", turnAfter(0));

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> assertThat(later.pause()).isTrue());
        assertThat(stub.calls("another")).isEmpty();
    }

    @Test
    void isLeftAloneAgain_whenTheTrialFails() {
        RemoteService service = serviceWithOpenBreaker("300ms");
        stub.always(subject, status(500));
        await().atMost(PATIENCE).until(() -> turn(service) instanceof Later later && !later.pause());

        Processed processed = turn(service, "another", turnAfter(0));

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> assertThat(later.pause()).isTrue());
        assertThat(stub.calls(subject)).hasSize(1);
        assertThat(stub.calls("another")).isEmpty();
    }

    @Test
    void isNotLeftAlone_whenTheFaultIsTheParts() {
        settings.putAll(Map.of("service.breaker-volume", "4", "service.breaker-delay", "1m"));
        RemoteService service = service();
        failTurns(service, 8, status(404));

        assertThat(turn(service)).isInstanceOf(Done.class);
    }

    /** The service is to blame for a part's last attempt as for those before, and fails the next part likewise. */
    @Test
    void isLeftAlone_whenPartsFailForGoodByIt() {
        settings.putAll(Map.of("service.breaker-volume", "4", "service.breaker-delay", "1m", "service.attempts", "1"));
        RemoteService service = service();
        failTurns(service, 4, status(500));

        Processed processed = turn(service);

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> assertThat(later.pause()).isTrue());
        assertThat(stub.calls(subject)).isEmpty();
    }

    @Test
    void getsNoMoreCallsAtOnce_thanItIsToGet() {
        concurrency = 3;
        RemoteService service = service();
        stub.always(subject, after(Duration.ofMillis(50), right()));

        List<CompletableFuture<Processed>> turns = IntStream.range(0, 20)
                .mapToObj(i -> begin(service, subject, turnAfter(0))).toList();

        assertThat(turns).allSatisfy(turn -> assertThat(turn.join()).isInstanceOf(Done.class));
        assertThat(stub.mostAtOnce()).isEqualTo(3);
        assertThat(stub.calls(subject)).hasSize(20);
    }

    /** After four calls that failed, as many as it takes. */
    private RemoteService serviceWithOpenBreaker(String delay) {
        settings.putAll(Map.of("service.breaker-volume", "4", "service.breaker-delay", delay, "service.retry-delay", "2s"));
        RemoteService service = service();
        failTurns(service, 4, status(500));
        return service;
    }

    /** Each a call about a part of its own. */
    private void failTurns(RemoteService service, int count, ServiceBehaviour failing) {
        for (int i = 0; i < count; i++) {
            String other = subject + "-" + i;
            stub.next(other, failing);
            turn(service, other, turnAfter(0));
            assertThat(stub.calls(other)).hasSize(1);
        }
    }
}
