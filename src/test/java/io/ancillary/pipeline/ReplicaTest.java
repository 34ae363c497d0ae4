package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.ReferenceStore;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.delivery.Letter;
import io.ancillary.processing.Processed;
import io.ancillary.processing.Turn;
import io.ancillary.testsupport.ManualClock;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/** A replica over a store whose answers get lost: every packet is delivered once, whatever was lost on the way. */
class ReplicaTest {
    private static final Duration BEAT = Duration.ofMillis(500);
    private static final Duration LEASE = Duration.ofSeconds(3);

    private final ManualClock clock = new ManualClock(Instant.EPOCH.plus(Duration.ofDays(1)));
    private final ReferenceStore reference = new ReferenceStore(clock,
            new StoreSettings(1, BEAT, LEASE, Duration.ofHours(24)));
    private final FaultyStore faults = new FaultyStore(reference);
    private final AtomicInteger names = new AtomicInteger();
    private final List<String> delivered = new CopyOnWriteArrayList<>();
    /** How soon it asked to be woken; it is when a test says so, since time stands still but for the clock. */
    private final List<Duration> waits = new CopyOnWriteArrayList<>();
    private final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicBoolean stuck = new AtomicBoolean();
    private final AtomicLong passed = new AtomicLong();
    private final Echo flow = new Echo(10);

    @AfterEach
    void close() {
        faults.close();
    }

    @Test
    void deliversAtOnce_whenNothingIsLost() {
        Replica replica = joined(replica(faults));

        accept(replica, packet("r", 1, true));

        await().until(() -> delivered.equals(List.of("r=[1]")));
    }

    @Test
    void adoptsAPart_whenTheAnswerToItsArrivalWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("accept");

        assertThatThrownBy(() -> accept(replica, packet("r", 1, true)))
                .hasCauseInstanceOf(StoreUnavailableException.class);

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));
    }

    @Test
    void deliversOnce_whenTheAnswerToTheLastCollateWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("collate");

        accept(replica, packet("r", 1, true));

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));
        assertThat(faults.hasLostAll()).isTrue();
    }

    @Test
    void collatesAgain_whenTheCallWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNext("collate");

        accept(replica, packet("r", 1, true));

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));
    }

    @Test
    void settlesAgain_whenTheAnswerWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("settle");

        accept(replica, packet("r", 1, true));

        awaitTicking(replica, () -> isDelivered("r"));
        assertThat(delivered).containsExactly("r=[1]");
    }

    @Test
    void deliversAgain_whenTheAnswerToAClaimWasLost() {
        Replica replica = joined(replica(faults));
        refusals.set(1);
        accept(replica, packet("r", 1, true));
        await().until(() -> delivered.size() == 1);
        faults.loseNextAnswerTo("claim");

        awaitTicking(replica, () -> isDelivered("r"));

        assertThat(faults.hasLostAll()).isTrue();
        assertThat(delivered).containsExactly("r=[1]", "r=[1]");
    }

    @Test
    void asksToBeWokenBeforeTheNextBeat_whenSomethingIsDueByThen() {
        Replica replica = joined(replica(faults));
        refusals.set(1);
        accept(replica, packet("r", 1, true));
        await().until(() -> delivered.size() == 1);

        wakeUps.forEach(Runnable::run);

        await().until(() -> waits.stream().anyMatch(
                wait -> wait.compareTo(Duration.ofMillis(100)) >= 0 && wait.compareTo(BEAT) < 0));
    }

    @Test
    void adoptsAPart_whenItsJournalCouldNotBeReadAtFirst() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("accept");
        assertThatThrownBy(() -> accept(replica, packet("r", 1, true)))
                .hasCauseInstanceOf(StoreUnavailableException.class);
        passed.addAndGet(Duration.ofMinutes(1).toNanos());
        faults.loseNext("journal");

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));

        assertThat(faults.hasLostAll()).isTrue();
    }

    @Test
    void makesAllDeliveriesOfADeadReplica_whenThereAreMoreThanItHasRoomFor() {
        Replica silent = joined(replica(faults, 20));
        refusals.set(Integer.MAX_VALUE);
        stuck.set(true);
        for (int i = 0; i < 6; i++) {
            accept(silent, packet("r" + i, 1, true));
        }
        await().until(() -> delivered.size() == 6);
        delivered.clear();
        stuck.set(false);
        refusals.set(0);
        Replica heir = joined(replica(faults, 2));

        beatFor(heir, LEASE.plus(BEAT));

        awaitTicking(heir, () -> delivered.size() == 6);
        assertThat(delivered).doesNotHaveDuplicates();
    }

    @Test
    void findsWorkThatCameBackWithTheStore_whenTheLineWasMadeAnew() throws Exception {
        Replica replica = joined(replica(faults));
        accept(replica, packet("before", 1, true));
        awaitTicking(replica, () -> isDelivered("before"));
        // In the journal, and nobody was told: as after a restart with older data.
        reference.join("replica1").toCompletableFuture().get().accept(flow.flow(), packet("behind", 1, true));

        faults.reconnect();

        awaitTicking(replica, () -> isDelivered("behind"));
    }

    @Test
    void takesOverAndFinishes_whenAnotherFallsSilent() {
        Replica silent = joined(replica(faults));
        flow.hold();
        accept(silent, packet("r", 1, true));
        Replica other = joined(replica(faults));
        flow.release();

        beatFor(other, LEASE.plus(BEAT));

        awaitTicking(other, () -> isDelivered("r"));
        assertThat(delivered).containsExactly("r=[1]");
    }

    @Test
    void dropsWhatItHeldAndJoinsAnew_whenItWasDeclaredDead() {
        Replica paused = joined(replica(faults));
        UniEmitter<? super PartResult> late = flow.holdNext(() -> accept(paused, packet("r", 1, true)));
        Replica other = joined(replica(faults));
        beatFor(other, LEASE.plus(BEAT));
        awaitTicking(other, () -> isDelivered("r"));

        late.complete(new PartResult.Output("[666]"));

        awaitTicking(paused, () -> paused.isJoined() && names.get() == 3);
        assertThat(paused.held("echo")).isZero();
        assertThat(delivered).containsExactly("r=[1]");
    }

    @Test
    void refusesArrivals_whenItHoldsAsManyAsTheJournalMay() {
        Replica replica = joined(replica(faults));
        flow.hold();
        for (int i = 1; i <= 10; i++) {
            accept(replica, packet("r", i, false));
        }

        Acceptance eleventh = accept(replica, packet("r", 11, false));

        assertThat(eleventh).isEqualTo(new Acceptance.Refused(Refusal.OVER_CAPACITY));
    }

    @Test
    void leavesToTheOutbox_whatItHasNoRoomToDeliver() {
        Replica replica = joined(replica(faults));

        for (int i = 0; i < 5; i++) {
            accept(replica, packet("r" + i, 1, true));
        }

        awaitTicking(replica, () -> delivered.size() == 5);
        assertThat(delivered).doesNotHaveDuplicates();
    }

    @Test
    void endsIncomplete_whenTheProcessorFails() {
        Replica replica = joined(replica(faults));
        flow.failNext();

        accept(replica, packet("r", 1, true));

        await().until(() -> delivered.equals(List.of("r=incomplete")));
    }

    private Replica replica(FaultyStore over) {
        return replica(over, 2);
    }

    private Replica replica(FaultyStore over, int roomForDeliveries) {
        BiConsumer<Duration, Runnable> timer = (wait, task) -> {
            waits.add(wait);
            wakeUps.add(task);
        };
        Surroundings surroundings = new Surroundings(Map.of("echo", flow), this::deliver, EngineEvents.NONE, 256,
                roomForDeliveries, timer, this::nanos);
        return new Replica(over.store(), () -> "replica" + names.incrementAndGet(),
                membership -> new Tenure(0, over.store(), membership, surroundings),
                mismatch -> {
                    throw mismatch;
                }, timer, this::nanos);
    }

    private long nanos() {
        return System.nanoTime() + passed.get();
    }

    private Uni<Settlement> deliver(Delivery delivery, java.util.function.Supplier<Optional<Letter>> letter) {
        delivered.add(letter.get().orElseThrow().body());
        if (stuck.get()) {
            return Uni.createFrom().nothing();
        }
        if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return Uni.createFrom().item(new Settlement.Failed(1, "refused", Duration.ofMillis(100)));
        }
        return Uni.createFrom().item(new Settlement.Delivered(1));
    }

    private static Replica joined(Replica replica) {
        replica.tick();
        await().until(replica::isJoined);
        return replica;
    }

    private void awaitTicking(Replica replica, java.util.concurrent.Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(20)).until(() -> {
            clock.advance(Duration.ofMillis(20));
            replica.tick();
            return condition.call();
        });
    }

    private void beatFor(Replica replica, Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(BEAT)) {
            clock.advance(BEAT);
            replica.tick();
            await().until(() -> replica.isReady(Duration.ofSeconds(10)));
        }
    }

    private boolean isDelivered(String resource) throws Exception {
        return reference.find(new io.ancillary.collation.CollationId("echo", resource)).toCompletableFuture()
                .get(1, TimeUnit.SECONDS).filter(found -> found.isDelivered()).isPresent();
    }

    private Acceptance accept(Replica replica, Arrival arrival) {
        try {
            return replica.accept(flow, arrival).toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static Arrival packet(String resource, int index, boolean last) {
        return new Arrival(resource, index, last, "digest" + index, "[" + index + "]", Optional.empty(), Optional.empty());
    }

    /** Gives each part back as it came, when it is let. */
    private static final class Echo implements FlowDefinition {
        private final Flow flow;
        private volatile boolean holding;
        private volatile boolean failing;
        private volatile UniEmitter<? super PartResult> held;

        Echo(int capacity) {
            this.flow = new Flow("echo", new Flow.Shape(false, 1, false, false, true),
                    new Flow.Limits(capacity, 1000, 1000, 1_000_000),
                    new Flow.Times(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofMinutes(10)));
        }

        void hold() {
            holding = true;
        }

        void release() {
            holding = false;
        }

        void failNext() {
            failing = true;
        }

        /** Holds the part that this makes arrive, and no other. */
        UniEmitter<? super PartResult> holdNext(Runnable arrival) {
            hold();
            arrival.run();
            await().until(() -> held != null);
            release();
            return held;
        }

        @Override
        public Flow flow() {
            return flow;
        }

        @Override
        public Uni<Processed> process(Turn turn) {
            if (failing) {
                return Uni.createFrom().failure(new IllegalStateException("on purpose"));
            }
            return holding ? Uni.createFrom().<PartResult> emitter(emitter -> held = emitter).map(Processed.Done::new)
                    : Uni.createFrom().item(new Processed.Done(new PartResult.Output(turn.body())));
        }

        @Override
        public Optional<PartResult.Output> output(String json) {
            return Optional.of(new PartResult.Output(json));
        }

        @Override
        public String body(Outcome outcome) {
            return outcome.id().resource() + "=" + (outcome.completed()
                    ? outcome.results().stream().map(it -> ((PartResult.Output) it.result()).json()).toList().get(0)
                    : "incomplete");
        }

        @Override
        public Optional<URI> webhook() {
            return Optional.of(URI.create("http://localhost/"));
        }
    }
}
