package io.ancillary.pipeline;

import static org.awaitility.Awaitility.await;

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

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.ReferenceStore;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;
import io.ancillary.delivery.Letter;
import io.ancillary.testsupport.ManualClock;
import io.smallrye.mutiny.Uni;

/** A replica over a store whose answers get lost, and which stands on a clock of the test's. */
abstract class ReplicaFixture {
    static final Duration BEAT = Duration.ofMillis(500);
    static final Duration LEASE = Duration.ofSeconds(3);

    final ManualClock clock = new ManualClock(Instant.EPOCH.plus(Duration.ofDays(1)));
    final ReferenceStore reference = new ReferenceStore(clock,
            new StoreSettings(1, BEAT, LEASE, Duration.ofHours(24)));
    final FaultyStore faults = new FaultyStore(reference);
    final AtomicInteger names = new AtomicInteger();
    final List<String> delivered = new CopyOnWriteArrayList<>();
    /** How soon it asked to be woken; it is when a test says so, since time stands still but for the clock. */
    final List<Duration> waits = new CopyOnWriteArrayList<>();
    final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();
    final AtomicInteger refusals = new AtomicInteger();
    final AtomicBoolean stuck = new AtomicBoolean();
    final AtomicLong passed = new AtomicLong();
    final EchoFlow flow;

    ReplicaFixture() {
        this(10);
    }

    ReplicaFixture(int journalCapacity) {
        flow = new EchoFlow(journalCapacity);
    }

    @AfterEach
    void close() {
        faults.close();
    }

    Replica replica(FaultyStore over) {
        return replica(over, 2);
    }

    Replica replica(FaultyStore over, int roomForDeliveries) {
        return replica(over, roomForDeliveries, 256);
    }

    Replica replica(FaultyStore over, int roomForDeliveries, int concurrency) {
        BiConsumer<Duration, Runnable> timer = (wait, task) -> {
            waits.add(wait);
            wakeUps.add(task);
        };
        Surroundings surroundings = new Surroundings(Map.of("echo", flow), this::deliver, EngineEvents.NONE, concurrency,
                roomForDeliveries, new Line(1), timer, this::nanos);
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

    static Replica joined(Replica replica) {
        replica.tick();
        await().until(replica::isJoined);
        return replica;
    }

    void awaitTicking(Replica replica, java.util.concurrent.Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(20)).until(() -> {
            clock.advance(Duration.ofMillis(20));
            replica.tick();
            return condition.call();
        });
    }

    void beatFor(Replica replica, Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(BEAT)) {
            clock.advance(BEAT);
            beat(replica);
        }
    }

    /** One heartbeat, and all that comes of it. */
    void beat(Replica replica) {
        int before = faults.beats();
        replica.tick();
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> faults.beats() > before);
        faults.rest();
    }

    boolean isDelivered(String resource) throws Exception {
        return reference.find(new io.ancillary.collation.CollationId("echo", resource)).toCompletableFuture()
                .get(1, TimeUnit.SECONDS).filter(found -> found.isDelivered()).isPresent();
    }

    Acceptance accept(Replica replica, Arrival arrival) {
        try {
            return replica.accept(flow, arrival).toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static Arrival packet(String resource, int index, boolean last) {
        return new Arrival(resource, index, last, "digest" + index, "[" + index + "]", Optional.empty(), Optional.empty());
    }
}
