package io.ancillary.delivery;

import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.util.TypeLiteral;

import org.eclipse.microprofile.rest.client.inject.RestClient;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;

import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;

/**
 * Delivers by HTTP. A turn is an attempt and, while it fails, a few more in quick succession.
 */
@ApplicationScoped
public class WebhookClient implements Deliverer {
    private static final Logger LOG = Logger.getLogger(WebhookClient.class);

    static final int ATTEMPTS_A_TURN = 3;
    private static final long QUICK_WAIT_MILLIS = 100;
    private static final long QUICK_JITTER_MILLIS = 50;

    private final WebhookApi api;
    private final CallbackPolicy callbacks;
    private final Clock clock;
    private final Duration timeout;
    private final RetrySchedule schedule = new RetrySchedule(() -> ThreadLocalRandom.current().nextDouble());
    private final TypedGuard<Uni<Void>> repeating;

    WebhookClient(@RestClient WebhookApi api, CallbackPolicy callbacks, DeliveryConfig config, Clock clock) {
        this.api = api;
        this.callbacks = callbacks;
        this.clock = clock;
        this.timeout = config.timeout();
        this.repeating = TypedGuard.create(new TypeLiteral<Uni<Void>>() {
        })
                .withDescription("webhook")
                .withRetry()
                .maxRetries(ATTEMPTS_A_TURN - 1)
                // The attempts' own timeouts are the bound.
                .maxDuration(config.timeout().multipliedBy(ATTEMPTS_A_TURN).plusSeconds(5).toMillis(), ChronoUnit.MILLIS)
                .delay(QUICK_WAIT_MILLIS, ChronoUnit.MILLIS)
                .jitter(QUICK_JITTER_MILLIS, ChronoUnit.MILLIS)
                .withExponentialBackoff().maxDelay(1, ChronoUnit.SECONDS).done()
                .done()
                .build();
    }

    @Override
    public Uni<Settlement> deliver(Delivery delivery, Supplier<Optional<Letter>> letter) {
        AtomicInteger attempts = new AtomicInteger();
        return Uni.createFrom().item(letter)
                .onFailure().transform(failure -> unwritable(delivery, failure))
                .chain(written -> written.isEmpty() ? nowhere() : repeating.get(() -> {
                    attempts.incrementAndGet();
                    return attempt(delivery.id(), written.get());
                }))
                .<Settlement> map(done -> new Settlement.Delivered(attempts.get()))
                .onFailure().recoverWithItem(failure -> failed(delivery, attempts.get(), reason(failure)));
    }

    private static Uni<Void> nowhere() {
        return Uni.createFrom().failure(new AttemptFailedException("no webhook is configured"));
    }

    private static AttemptFailedException unwritable(Delivery delivery, Throwable failure) {
        LOG.errorf(failure, "the outcome of delivery %s could not be written", delivery.id());
        return new AttemptFailedException("the outcome could not be written");
    }

    /** The timeout is Mutiny's, which cancels the call; fault tolerance's would leave it running. */
    private Uni<Void> attempt(String id, Letter letter) {
        return permitted(letter)
                .chain(() -> api.post(letter.to().toString(), id, clock.instant().getEpochSecond(), letter.body()))
                .ifNoItem().after(timeout).fail()
                .chain(WebhookClient::judge);
    }

    /** What the operator chose goes anywhere; what a client chose is looked at each time it is dialled. */
    private Uni<Void> permitted(Letter letter) {
        return letter.trusted() ? Uni.createFrom().voidItem()
                : callbacks.allowsDialling(letter.to()).chain(allowed -> allowed ? Uni.createFrom().voidItem()
                        : Uni.createFrom().failure(new AttemptFailedException("the callback's address is not allowed")));
    }

    private static Uni<Void> judge(RestResponse<InputStream> response) {
        int status = response.getStatus();
        return status / 100 == 2 ? Uni.createFrom().voidItem()
                : Uni.createFrom().failure(new AttemptFailedException("the webhook answered " + status));
    }

    private Settlement failed(Delivery delivery, int attempts, String error) {
        // A turn that could not begin counts as one too, or it would come back every second for ever.
        return new Settlement.Failed(Math.max(1, attempts), error, schedule.waitAfter(delivery.attempts() / ATTEMPTS_A_TURN));
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
