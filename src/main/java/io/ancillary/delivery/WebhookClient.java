package io.ancillary.delivery;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.util.TypeLiteral;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.rest.client.inject.RestClient;

import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;

/**
 * One turn at a delivery: an attempt and, while it fails, a few more in quick succession. Never fails; how it
 * ended is in the settlement.
 */
@ApplicationScoped
public class WebhookClient {
    static final int ATTEMPTS_A_TURN = 3;
    private static final long QUICK_WAIT_MILLIS = 100;
    private static final long QUICK_JITTER_MILLIS = 50;

    private final WebhookApi api;
    private final Clock clock;
    private final Duration timeout;
    private final RetrySchedule schedule = new RetrySchedule(() -> ThreadLocalRandom.current().nextDouble());
    private final TypedGuard<Uni<Void>> repeating;

    WebhookClient(@RestClient WebhookApi api, DeliveryConfig config, Clock clock) {
        this.api = api;
        this.clock = clock;
        this.timeout = config.timeout();
        this.repeating = TypedGuard.create(new TypeLiteral<Uni<Void>>() {
        })
                .withDescription("webhook")
                .withRetry()
                .maxRetries(ATTEMPTS_A_TURN - 1)
                .delay(QUICK_WAIT_MILLIS, ChronoUnit.MILLIS)
                .jitter(QUICK_JITTER_MILLIS, ChronoUnit.MILLIS)
                .withExponentialBackoff().done()
                .done()
                .build();
    }

    /**
     * Takes a turn.
     *
     * @param body JSON, sent as it is
     */
    public Uni<Settlement> deliver(Delivery delivery, URI to, String body) {
        AtomicInteger attempts = new AtomicInteger();
        return Uni.createFrom().deferred(() -> repeating.get(() -> {
            attempts.incrementAndGet();
            return attempt(delivery.id(), to, body);
        }))
                .<Settlement> map(done -> new Settlement.Delivered(attempts.get()))
                .onFailure().recoverWithItem(failure -> failed(delivery, attempts.get(), reason(failure)));
    }

    /** The settlement of a turn that could not even begin. */
    public Settlement impossible(Delivery delivery, String why) {
        return failed(delivery, 0, why);
    }

    /** The timeout is Mutiny's, which cancels the call; fault tolerance's would leave it running. */
    private Uni<Void> attempt(String id, URI to, String body) {
        return api.post(to.toString(), id, clock.instant().getEpochSecond(), body)
                .ifNoItem().after(timeout).fail()
                .chain(WebhookClient::judge);
    }

    private static Uni<Void> judge(Response response) {
        int status = response.getStatus();
        response.close();
        return status / 100 == 2 ? Uni.createFrom().voidItem()
                : Uni.createFrom().failure(new AttemptFailedException("the webhook answered " + status));
    }

    private Settlement failed(Delivery delivery, int attempts, String error) {
        return new Settlement.Failed(attempts, error, schedule.waitAfter(delivery.attempts() / ATTEMPTS_A_TURN));
    }

    private String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof AttemptFailedException) {
            return String.valueOf(root.getMessage());
        }
        if (root instanceof TimeoutException) {
            return "no answer within " + timeout.toMillis() + " ms";
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    private static final class AttemptFailedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        AttemptFailedException(String message) {
            super(message, null, false, false);
        }
    }
}
