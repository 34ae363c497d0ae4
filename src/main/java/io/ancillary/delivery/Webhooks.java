package io.ancillary.delivery;

import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import io.ancillary.collation.Attempt;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.ancillary.delivery.Body.TooLargeException;
import io.ancillary.delivery.Endpoints.Room;
import io.ancillary.delivery.Endpoints.Turn;
import io.ancillary.outbound.HttpCall;
import io.ancillary.outbound.Timers;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/** Delivers by HTTP: one attempt a turn. */
@Singleton
public class Webhooks implements Deliverer {
    private static final Logger LOG = Logger.getLogger(Webhooks.class);
    private static final int MOST_READ = 64 * 1024;
    private static final int WAITING_PER_ATTEMPT = 4;
    /** As much is said of an index that is missing. */
    private static final long PER_INDEX = 8;
    private static final long BESIDES_THE_LARGEST = 16L * 1024 * 1024;
    /** No receiver keeps a delivery waiting for longer by {@code Retry-After}. */
    static final Duration MOST_ASKED = Duration.ofHours(1);
    private static final Duration WHEN_UNWRITABLE = Duration.ofMinutes(1);
    /** Less than the five seconds after which many servers close what is idle: what they close is not used again. */
    private static final int IDLE_SECONDS = 4;
    private static final String TLS_NAME = "webhook";

    private final CallbackPolicy callbacks;
    private final Signatures signatures;
    private final Clock clock;
    private final Vertx vertx;
    private final HttpClient client;
    private final Duration timeout;
    private final long mostBytes;
    private final RetrySchedule schedule;
    private final Endpoints endpoints;

    @Inject
    Webhooks(CallbackPolicy callbacks, WebhookConfig webhook, DeliveryConfig config, TlsConfigurationRegistry tls, Clock clock,
            Vertx vertx) {
        DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
        this.callbacks = callbacks;
        this.signatures = Signatures.of(webhook);
        this.clock = clock;
        this.vertx = vertx;
        this.timeout = config.timeout();
        this.mostBytes = config.maxBody().asLongValue();
        this.schedule = new RetrySchedule(config.retrySchedule(), random);
        this.endpoints = new Endpoints(new Room(config.concurrency(), config.endpointConcurrency(),
                WAITING_PER_ATTEMPT * config.concurrency(), mostBytes + BESIDES_THE_LARGEST), System::nanoTime, random);
        this.client = vertx.createHttpClient(options(config, tls),
                new PoolOptions().setHttp1MaxSize(config.endpointConcurrency()));
    }

    private static HttpClientOptions options(DeliveryConfig config, TlsConfigurationRegistry tls) {
        int timeout = (int) Math.min(Integer.MAX_VALUE, config.timeout().plus(WebhookCall.GRACE).toMillis());
        HttpClientOptions options = new HttpClientOptions().setConnectTimeout(timeout).setSslHandshakeTimeout(timeout)
                .setSslHandshakeTimeoutUnit(java.util.concurrent.TimeUnit.MILLISECONDS).setKeepAliveTimeout(IDLE_SECONDS);
        tls.get(TLS_NAME).or(tls::getDefault).ifPresent(configured -> TlsConfigUtils.configure(options, configured));
        return options;
    }

    @Override
    public Duration untilFirst() {
        return schedule.untilFirst();
    }

    @Override
    public int room() {
        return endpoints.free();
    }

    @Override
    public void drain() {
        endpoints.drain();
    }

    @Override
    public Settlement nowhere(Delivery delivery) {
        return settlement(delivery,
                Judgement.later(Attempt.failed(clock.instant(), "no webhook is configured"), Duration.ZERO));
    }

    @Override
    public Uni<Optional<Settlement>> deliver(Delivery delivery, Target target, Supplier<Uni<Optional<Body>>> body) {
        if (delivery.bytes() > mostBytes) {
            return Uni.createFrom()
                    .item(Optional.of(settlement(delivery, unsendable(new TooLargeException(mostBytes), delivery))));
        }
        return turn(target.to(), delivery.bytes() + PER_INDEX * delivery.highest())
                .chain(turn -> attempt(delivery, target, weighed(turn, body))
                        .onItemOrFailure().invoke((judged, failure) -> leave(turn, judged)))
                .map(judged -> judged.map(it -> settlement(delivery, it)))
                .onFailure(NotNowException.class).recoverWithItem(
                        failure -> Optional.of(new Settlement.Postponed(failure.later, schedule.most())));
    }

    private static Supplier<Uni<Optional<Body>>> weighed(Turn turn, Supplier<Uni<Optional<Body>>> body) {
        return () -> body.get().invoke(written -> written.ifPresent(it -> turn.weigh(it.length())));
    }

    private Uni<Turn> turn(URI to, long bytes) {
        return Uni.createFrom().emitter(emitter -> endpoints.enter(to, bytes, new Endpoints.Entrant() {
            @Override
            public void enter(Turn turn) {
                emitter.complete(turn);
            }

            @Override
            public void comeBack(Duration later) {
                emitter.fail(new NotNowException(later));
            }
        }));
    }

    @SuppressWarnings("NullAway") // Mutiny gives null for what failed.
    private static void leave(Turn turn, Optional<Judgement> judged) {
        if (judged == null || judged.isEmpty()) {
            turn.leave(Verdict.UNKNOWN, Optional.empty());
        } else {
            turn.leave(judged.get().verdict(), judged.get().asked());
        }
    }

    private Uni<Optional<Judgement>> attempt(Delivery delivery, Target target, Supplier<Uni<Optional<Body>>> body) {
        return Uni.createFrom().deferred(body::get)
                .<Optional<Judgement>> chain(written -> written.isEmpty() ? Uni.createFrom().item(Optional.empty())
                        : send(delivery, target, written.get()).map(Optional::of))
                .onFailure().recoverWithItem(failure -> Optional.of(unsendable(failure, delivery)));
    }

    private Judgement unsendable(Throwable failure, Delivery delivery) {
        if (failure instanceof TooLargeException) {
            return Judgement.never(Attempt.failed(clock.instant(), String.valueOf(failure.getMessage())));
        }
        LOG.errorf(failure, "no body could be made for delivery %s", delivery.id());
        return Judgement.later(
                Attempt.failed(clock.instant(), "no body could be made of what is kept of its resource"), WHEN_UNWRITABLE);
    }

    private Uni<Judgement> send(Delivery delivery, Target target, Body body) {
        WebhookCall call = new WebhookCall(clock, timeout);
        return signed(delivery.id(), call, body)
                .chain(signature -> callbacks.addresses(target).ifNoItem().after(call.left()).on(Timers.here(vertx)).fail()
                        .map(found -> call.dial(options(target.to(), delivery, call, signature), pick(found, delivery))))
                .chain(options -> HttpCall.send(client, options, body.pieces(), MOST_READ, call.left(), call))
                .map(call::judge)
                .onFailure().recoverWithUni(call::judge);
    }

    private Uni<Optional<String>> signed(String id, WebhookCall call, Body body) {
        Supplier<Optional<String>> signature = () -> signatures.of(id, call.at().getEpochSecond(), body);
        return signatures.takeLong(body)
                ? Uni.createFrom().completionStage(() -> vertx.executeBlocking(signature::get, false).toCompletionStage())
                : Uni.createFrom().item(signature);
    }

    /** One that cannot be reached is not all there is: each attempt takes the next. */
    private static InetAddress pick(List<InetAddress> found, Delivery delivery) {
        return found.get(delivery.attempts() % found.size());
    }

    private static RequestOptions options(URI to, Delivery delivery, WebhookCall call, Optional<String> signature) {
        boolean ssl = "https".equalsIgnoreCase(to.getScheme());
        String path = to.getRawPath() == null || to.getRawPath().isEmpty() ? "/" : to.getRawPath();
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setSsl(ssl).setHost(to.getHost())
                .setPort(Ports.of(to))
                .setURI(to.getRawQuery() == null ? path : path + "?" + to.getRawQuery())
                .putHeader("Content-Type", "application/json").putHeader("Accept-Encoding", "identity")
                .putHeader("User-Agent", "Ancillary/1")
                .putHeader("webhook-id", delivery.id())
                .putHeader("webhook-timestamp", String.valueOf(call.at().getEpochSecond()));
        signature.ifPresent(value -> options.putHeader("webhook-signature", value));
        return options;
    }

    private Settlement settlement(Delivery delivery, Judgement judgement) {
        Attempt attempt = judgement.attempt();
        if (judgement.fate() == Judgement.Fate.DELIVERED) {
            return new Settlement.Delivered(attempt);
        }
        Duration asked = judgement.asked().filter(wait -> wait.compareTo(MOST_ASKED) < 0)
                .orElse(judgement.asked().isPresent() ? MOST_ASKED : Duration.ZERO);
        Optional<Duration> wait = judgement.fate() == Judgement.Fate.NEVER ? Optional.empty()
                : schedule.after(delivery.attempts() + 1, asked);
        if (wait.isEmpty()) {
            LOG.warnf("delivery %s is a dead letter: %s", delivery.id(), attempt.error());
        }
        return wait.<Settlement> map(it -> new Settlement.Failed(attempt, it)).orElseGet(() -> new Settlement.Dead(attempt));
    }

    /** There is no turn for it. */
    private static final class NotNowException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final Duration later;

        NotNowException(Duration later) {
            super("not now", null, false, false);
            this.later = later;
        }
    }
}
