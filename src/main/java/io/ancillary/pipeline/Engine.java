package io.ancillary.pipeline;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;

import org.jboss.logging.Logger;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Completion;
import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Partitions;
import io.ancillary.collation.Redelivery;
import io.ancillary.delivery.Deliverer;
import io.ancillary.delivery.DeliveryConfig;
import io.ancillary.processing.CompletionTokens;
import io.quarkus.arc.All;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;

/** The way into the pipeline, and its heartbeat. */
@ApplicationScoped
public class Engine {
    private static final Logger LOG = Logger.getLogger(Engine.class);

    public static final Duration BEAT = Replica.BEAT;
    private static final int REHEARSALS_AT_ONCE = 16;
    private static final Duration UNTIL_JOINED = Duration.ofMillis(50);
    private static final int MOST_SECONDS_TO_WAIT = 1;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);
    private static final Duration READY_WITHIN = BEAT.multipliedBy(6);

    private final Partitions partitions;
    private final Map<String, FlowDefinition> flows;
    private final Vertx vertx;
    private final EngineEvents events;
    private final Deliverer webhooks;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Long> timers = new CopyOnWriteArrayList<>();
    private final Duration drainTimeout;
    private final AtomicBoolean refused = new AtomicBoolean();

    Engine(Partitions partitions, @All List<FlowDefinition> flows, Vertx vertx, Instance<EngineEvents> events,
            Deliverer webhooks, EngineConfig config, DeliveryConfig delivery) {
        this.partitions = partitions;
        this.flows = flows.stream().collect(toUnmodifiableMap(flow -> flow.flow().name(), Function.identity()));
        this.vertx = vertx;
        this.webhooks = webhooks;
        this.drainTimeout = config.processing().drainTimeout();
        this.events = events.isResolvable() ? events.get() : EngineEvents.NONE;
        Surroundings surroundings = new Surroundings(this.flows, webhooks, this.events,
                config.processing().concurrency(), delivery.maxBody().asLongValue(), new Line(1),
                (wait, task) -> vertx.setTimer(Math.max(1, wait.toMillis()), timer -> task.run()), System::nanoTime);
        for (int i = 0; i < partitions.stores().size(); i++) {
            int partition = i;
            CollationStore store = partitions.stores().get(i);
            replicas.add(new Replica(store, ReplicaNames::next,
                    (membership, dueIn) -> new Tenure(partition, store, membership, surroundings, dueIn),
                    this::refuseToRun, surroundings.timer(), surroundings.nanos()));
        }
    }

    void start(@Observes StartupEvent started) {
        replicas.forEach(Replica::tick);
        timers.add(vertx.setPeriodic(BEAT.toMillis(), timer -> replicas.forEach(Replica::tick)));
        timers.add(vertx.setPeriodic(UNTIL_JOINED.toMillis(),
                timer -> replicas.stream().filter(replica -> !replica.isJoined()).forEach(Replica::tick)));
        waitFor(joined());
    }

    /** The doors open once this is over: who knocks at once need not be sent away while Redis is there. */
    private CompletableFuture<?> joined() {
        return CompletableFuture.allOf(replicas.stream().map(Replica::joined).toArray(CompletableFuture<?>[]::new));
    }

    /**
     * Takes nothing more in, finishes what is under way, and hands the rest back: whoever goes on need not wait for
     * the lease.
     */
    void stop(@Observes @Priority(1) ShutdownEvent stopping) {
        replicas.forEach(Replica::drain);
        webhooks.drain();
        waitUntil(() -> replicas.stream().allMatch(Engine::isIdle), drainTimeout);
        timers.forEach(vertx::cancelTimer);
        CompletableFuture<?> left = CompletableFuture.allOf(replicas.stream()
                .map(replica -> replica.leave().toCompletableFuture()).toArray(CompletableFuture<?>[]::new));
        waitFor(left);
    }

    /** A thread that does not answer is not waited for: there is a limit to it all. */
    private static boolean isIdle(Replica replica) {
        return replica.isIdle().toCompletableFuture().completeOnTimeout(false, MOST_SECONDS_TO_WAIT, TimeUnit.SECONDS).join();
    }

    /** At the end only, where the thread is the process' own. */
    private static void waitUntil(BooleanSupplier condition, Duration most) {
        long until = System.nanoTime() + most.toNanos();
        try {
            while (!condition.getAsBoolean() && System.nanoTime() - until < 0) {
                Thread.sleep(BETWEEN_LOOKS.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** At the start and the end only, where the thread is the process' own. */
    private static void waitFor(CompletableFuture<?> done) {
        try {
            done.get(MOST_SECONDS_TO_WAIT, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("Redis did not answer; it goes on without", e);
        }
    }

    /**
     * Takes an arrival in. Fails with {@link io.ancillary.collation.StoreUnavailableException} when nobody can
     * tell whether it is in; repeating it is safe. Not to be cancelled: what is to
     * be done when it completes would not be.
     */
    public CompletionStage<Acceptance> accept(FlowDefinition flow, Arrival arrival) {
        int partition = flow.flow().shape().single() ? partitions.numberIn(arrival.resource()).orElseThrow()
                : partitions.numberOf(arrival.resource());
        return replicas.get(partition).accept(flow, arrival);
    }

    /**
     * Whether an arrival would wait for long, whatever partition it belongs to, or is not likely to find room, and is to be
     * turned away unread.
     *
     * @param busy whether to read it takes the time of others
     * @param late whether it has waited for long already
     */
    public boolean turnsAway(FlowDefinition flow, boolean busy, boolean late) {
        boolean turnedAway = replicas.stream().allMatch(replica -> replica.turnsAway(flow, busy, late));
        if (turnedAway) {
            events.answered(flow.flow().name(), new Acceptance.Refused(Acceptance.Refusal.OVER_CAPACITY));
        }
        return turnedAway;
    }

    /** How long it takes, as things go, until there is room again for a flow that has none; whole seconds. */
    public Duration untilRoom(FlowDefinition flow) {
        return replicas.stream().map(replica -> replica.untilRoom(flow.flow().name())).max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /**
     * The part that a completion token was given out for; empty when it is none of ours. Throws
     * {@link io.ancillary.collation.StoreUnavailableException} while nobody can tell.
     */
    public Optional<PartId> partOf(String token) {
        return CompletionTokens.claimed(token).filter(this::isKnown)
                .filter(part -> replicas.get(part.partition()).admits(token, part));
    }

    /** The output that a processor's JSON stands for; empty when it is none of the part's flow. */
    public Optional<PartResult.Output> output(PartId part, String json) {
        return flowOf(part).output(json);
    }

    /**
     * Takes the output of a part that was put off. Fails with
     * {@link io.ancillary.collation.StoreUnavailableException} when nobody can tell whether it is in; repeating it
     * is safe.
     */
    public Uni<Completion> complete(PartId part, PartResult.Output output) {
        return answerOf(() -> replicas.get(part.partition()).complete(flowOf(part), part.part(), output));
    }

    /** Gives a dead part another chance; false when there is none of this id, or its collation has ended. */
    public Uni<Boolean> retry(PartId part) {
        return isKnown(part)
                ? answerOf(() -> replicas.get(part.partition()).retry(part.part()))
                : Uni.createFrom().item(false);
    }

    /** Has a delivery made once more, at once, if it is of this status. */
    public Uni<Redelivery> redeliver(String deliveryId, DeliveryStatus from) {
        Optional<Integer> partition = partitions.numberIn(deliveryId);
        return partition.map(number -> answerOf(() -> partitions.stores().get(number).redeliver(deliveryId, from))
                .invoke(begun -> replicas.get(number).lookSoon()))
                .orElseGet(() -> Uni.createFrom().item(Redelivery.GONE));
    }

    /**
     * The answer to a call that is carried out whether or not anybody waits for it: a client who hangs up cancels what
     * it asked for, and a stage that is cancelled skips what was to be done when it completes.
     */
    private static <T> Uni<T> answerOf(Supplier<CompletionStage<T>> call) {
        return Uni.createFrom().completionStage(() -> call.get().toCompletableFuture().copy());
    }

    /** Goes the way to the store and back so many times, and changes nothing there. */
    public Uni<Void> rehearse(int times) {
        return Multi.createFrom().range(0, times)
                .onItem().transformToUni(i -> Uni.createFrom().completionStage(replicas.get(0)::rehearse))
                .merge(REHEARSALS_AT_ONCE).collect().asList().replaceWithVoid();
    }

    private boolean isKnown(PartId part) {
        return part.partition() < replicas.size() && flows.containsKey(part.part().id().flow());
    }

    private FlowDefinition flowOf(PartId part) {
        return requireNonNull(flows.get(part.part().id().flow()), "unknown flow");
    }

    /** Whether every partition's store answers. */
    public boolean isReady() {
        return replicas.stream().allMatch(replica -> replica.isReady(READY_WITHIN));
    }

    /** Parts of a flow that this process holds: waiting, in processing, being collated. */
    public int held(String flow) {
        return replicas.stream().mapToInt(replica -> replica.held(flow)).sum();
    }

    public List<String> flowNames() {
        return List.copyOf(flows.keySet());
    }

    /** Said once, and plainly: it is the last thing the process says. */
    private void refuseToRun(FormatMismatchException mismatch) {
        if (refused.compareAndSet(false, true)) {
            timers.forEach(vertx::cancelTimer);
            System.err.println(mismatch.getMessage());
            Quarkus.asyncExit(1);
        }
    }
}
