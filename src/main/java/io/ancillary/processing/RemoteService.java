package io.ancillary.processing;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.jboss.logging.Logger;

import io.ancillary.collation.PartResult;
import io.ancillary.outbound.HttpCall;
import io.ancillary.outbound.HttpCall.Answer;
import io.ancillary.outbound.HttpCall.Progress;
import io.ancillary.outbound.HttpCall.UnreachedException;
import io.ancillary.outbound.RetryAfter;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.TypedGuard;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/**
 * A processor behind HTTP. It answers at once, with {@code 200} and JSON, or with {@code 202} and later, by a call of
 * its own to the completion URL that it was given.
 * <p>
 * A turn is a call and, where waits are short, a few more; for a longer wait the part makes room for others. While
 * the breaker is open no part is given to the service, and none loses an attempt by that. A call that found no
 * connection is no attempt either: the part is not to blame.
 */
public final class RemoteService {
    private static final Logger LOG = Logger.getLogger(RemoteService.class);
    /** Those of the client's faults that pass. */
    private static final Set<Integer> PASSING = Set.of(408, 425, 429);
    private static final Duration TELL_EVERY = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration WHEN_FULL = Duration.ofMillis(100);
    private static final int MOST_QUEUED = 1_000_000;

    private final String name;
    private final ServiceConfig config;
    private final Function<String, Optional<PartResult.Output>> outputs;
    private final ServiceRequests requests;
    private final HttpClient client;
    private final Clock clock;
    private final Backoff backoff;
    private final TypedGuard<Uni<PartResult>> guard;
    private final Duration pause;
    /** For whoever must find out why; only the operator sees it. */
    private volatile String lastFailure = "";
    private volatile boolean told;
    private volatile long toldNanos;

    /**
     * @param name for logs and metrics
     * @param outputs what of an answer is an output; empty when it is none
     * @param concurrency calls under way at once
     * @param deadline how long a part may take in all
     */
    RemoteService(String name, ServiceConfig config, Function<String, Optional<PartResult.Output>> outputs,
            ServiceRequests requests, HttpClient client, Clock clock, int concurrency, Duration deadline) {
        this.name = name;
        this.config = config;
        this.outputs = outputs;
        this.requests = requests;
        this.client = client;
        this.clock = clock;
        // Where there is little time in all, the service is not left unasked for most of it.
        Duration longest = deadline.dividedBy(10).compareTo(config.retryMaxDelay()) < 0 ? deadline.dividedBy(10)
                : config.retryMaxDelay();
        this.backoff = new Backoff(config.retryDelay(), longest, () -> ThreadLocalRandom.current().nextDouble());
        this.pause = config.breakerDelay().compareTo(PAUSE) < 0 ? config.breakerDelay() : PAUSE;
        this.guard = guard(concurrency);
    }

    private TypedGuard<Uni<PartResult>> guard(int concurrency) {
        return TypedGuard.create(new TypeOfUni())
                .withDescription(name)
                .withBulkhead().limit(concurrency).queueSize(MOST_QUEUED).done()
                .withCircuitBreaker()
                .requestVolumeThreshold(config.breakerVolume()).failureRatio(config.breakerRatio())
                .delay(config.breakerDelay().toMillis(), ChronoUnit.MILLIS)
                .when(failure -> failure instanceof CallFailedException failed && failed.isServicesFault())
                .onStateChange(this::tell)
                .done()
                .withRetry()
                // The calls say themselves when to stop.
                .maxRetries(-1).maxDuration(0, ChronoUnit.MILLIS)
                .whenException(failure -> failure instanceof CallFailedException failed && failed.isRepeatedAtOnce())
                .withCustomBackoff().strategy(() -> RemoteService::waitAfter).done()
                .done()
                .build();
    }

    private static long waitAfter(Throwable failure) {
        return failure instanceof CallFailedException failed ? failed.delay().orElse(Duration.ZERO).toMillis() : 0;
    }

    /** A service that fails does so by the thousand: one line a minute. */
    private void tell(String failure) {
        lastFailure = failure;
        long now = System.nanoTime();
        if (!told || now - toldNanos > TELL_EVERY.toNanos()) {
            told = true;
            toldNanos = now;
            LOG.warnf("calls to the %s fail: %s", name, failure);
        }
    }

    private void tell(CircuitBreakerState state) {
        if (state != CircuitBreakerState.HALF_OPEN) {
            if (state == CircuitBreakerState.OPEN) {
                LOG.warnf("the %s is left alone for %d ms: %s", name, config.breakerDelay().toMillis(), lastFailure);
            } else {
                LOG.infof("the %s answers again", name);
            }
        }
    }

    /** One turn at a part, whose JSON it is given. */
    public Uni<Processed> process(Turn turn, String json) {
        if (turn.attempts() >= config.attempts()) {
            return Uni.createFrom().item(new Processed.Done(
                    new PartResult.Failure("the " + name + " did not complete it, after " + attempts(turn.attempts()))));
        }
        Tally tally = new Tally(turn);
        return guard.get(() -> call(turn, json, tally))
                .<Processed> map(Processed.Done::new)
                .onFailure().recoverWithItem(failure -> unprocessed(tally, failure));
    }

    private Uni<PartResult> call(Turn turn, String json, Tally tally) {
        Duration left = tally.left();
        Duration time = left.compareTo(config.timeout()) < 0 ? left : config.timeout();
        return HttpCall
                .send(client, requests.to(turn), List.of(Buffer.buffer(json)), JsonText.MOST_BYTES, time, Progress.UNSEEN)
                .onFailure().transform(failure -> broken(tally, time, failure))
                .map(answer -> result(tally, answer));
    }

    private CallFailedException broken(Tally tally, Duration time, Throwable failure) {
        if (failure instanceof UnreachedException) {
            tally.missed++;
            tell("it cannot be reached: " + failure.getMessage());
            return CallFailedException.forNow("the " + name + " cannot be reached",
                    backoff.after(tally.turn.turns() + tally.missed, Optional.empty()), tally.left());
        }
        tally.made++;
        tell(failure instanceof TimeoutException ? "no answer in time" : String.valueOf(failure.getMessage()));
        return again(tally, failure instanceof TimeoutException
                ? "the " + name + " did not answer within " + time.toMillis() + " ms"
                : "the connection to the " + name + " broke", Optional.empty());
    }

    private PartResult result(Tally tally, Answer answer) {
        tally.made++;
        int status = answer.status();
        if (status == 200) {
            return output(tally, answer);
        }
        if (status == 202) {
            return deferred(tally);
        }
        String said = "the " + name + " answered " + status;
        if (status / 100 == 4 && !PASSING.contains(status)) {
            throw CallFailedException.forGood(said);
        }
        tell(said);
        throw again(tally, said, RetryAfter.read(answer.retryAfter(), clock));
    }

    private PartResult output(Tally tally, Answer answer) {
        if (!answer.whole()) {
            throw CallFailedException.forGood("the output is larger than " + JsonText.MOST_BYTES + " bytes");
        }
        String json = JsonText.read(answer.body().getBytes())
                .orElseThrow(() -> CallFailedException.forGood("the output is not JSON"));
        return outputs.apply(json).orElseThrow(
                () -> again(tally, "the " + name + "'s answer is none that can be used", Optional.empty()));
    }

    private PartResult deferred(Tally tally) {
        if (!requests.canBeCompleted()) {
            throw CallFailedException.forGood("the " + name + " answered 202, but without ANCILLARY_PUBLIC_URL it was not"
                    + " told where to complete the part");
        }
        return new PartResult.Deferred(tally.attempts());
    }

    private CallFailedException again(Tally tally, String reason, Optional<Duration> asked) {
        return tally.attempts() < config.attempts()
                ? CallFailedException.forNow(reason, backoff.after(tally.attempts(), asked), tally.left())
                : CallFailedException.atLast(reason + ", after " + attempts(tally.attempts()));
    }

    private Processed unprocessed(Tally tally, Throwable failure) {
        if (failure instanceof CallFailedException failed) {
            return failed.delay().<Processed> map(wait -> new Processed.Later(tally.attempts(), wait, false))
                    .orElseGet(() -> new Processed.Done(new PartResult.Failure(String.valueOf(failed.getMessage()))));
        }
        if (failure instanceof CircuitBreakerOpenException) {
            return new Processed.Later(tally.attempts(), pause, true);
        }
        if (failure instanceof BulkheadException) {
            return new Processed.Later(tally.attempts(), WHEN_FULL, false);
        }
        throw new IllegalStateException(failure);
    }

    private static String attempts(int count) {
        return count == 1 ? "1 attempt" : count + " attempts";
    }

    /** What became of the calls of one turn, which are made one after another. */
    private static final class Tally {
        private static final Duration SHORTEST = Duration.ofMillis(1);

        private final Turn turn;
        private final long began = System.nanoTime();
        private int made;
        private int missed;

        Tally(Turn turn) {
            this.turn = turn;
        }

        /** Of the part's time, which goes on while a turn does. */
        Duration left() {
            Duration left = turn.left().minusNanos(System.nanoTime() - began);
            return left.compareTo(SHORTEST) < 0 ? SHORTEST : left;
        }

        int attempts() {
            return turn.attempts() + made;
        }
    }

    private static final class TypeOfUni extends jakarta.enterprise.util.TypeLiteral<Uni<PartResult>> {
        private static final long serialVersionUID = 1;
    }

    /** What a call says besides the part itself. */
    record ServiceRequests(URI url, Optional<String> authorization, Optional<URI> publicUrl) {
        private static final String OUTPUTS = "/api/v1/ancillary/outputs/";

        boolean canBeCompleted() {
            return publicUrl.isPresent();
        }

        RequestOptions to(Turn turn) {
            RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(url.toString())
                    .putHeader("Content-Type", "application/json").putHeader("Accept", "application/json")
                    .putHeader("Accept-Encoding", "identity")
                    .putHeader("User-Agent", "Ancillary/1")
                    .putHeader("Idempotency-Key", turn.part().text());
            authorization.ifPresent(value -> options.putHeader("Authorization", value));
            publicUrl.ifPresent(base -> options.putHeader("Ancillary-Completion-Url",
                    base.toString().replaceFirst("/+$", "") + OUTPUTS + turn.token()));
            return options;
        }
    }
}
