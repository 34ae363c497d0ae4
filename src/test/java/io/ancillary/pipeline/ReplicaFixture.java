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
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterEach;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Attempts;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.ReferenceStore;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;
import io.ancillary.delivery.Body;
import io.ancillary.delivery.Deliverer;
import io.ancillary.delivery.Target;
import io.ancillary.testsupport.ManualClock;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;

/** A replica over a store whose answers get lost, and which stands on a clock of the test's. */
abstract class ReplicaFixture {
    static final Duration BEAT = Duration.ofMillis(500);
    static final Duration LEASE = Duration.ofSeconds(3);

    final ManualClock clock = new ManualClock(Instant.EPOCH.plus(Duration.ofDays(1)));
    final ReferenceStore reference = new ReferenceStore(clock,
            new StoreSettings(1, BEAT, LEASE, Duration.ofHours(24), Duration.ofDays(14)));
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
        Surroundings surroundings = new Surroundings(Map.of("echo", flow), new Webhooks(roomForDeliveries), EngineEvents.NONE,
                concurrency, 1_000_000, new Line(1), timer, this::nanos);
        return new Replica(over.store(), () -> "replica" + names.incrementAndGet(),
                (membership, dueIn) -> new Tenure(0, over.store(), membership, surroundings, dueIn),
                mismatch -> {
                    throw mismatch;
                }, timer, this::nanos);
    }

    private long nanos() {
        return System.nanoTime() + passed.get();
    }

    /** Has room for so many, and no line: who comes when there is none is to come back. */
    private final class Webhooks implements Deliverer {
        private final int room;
        private final AtomicInteger underWay = new AtomicInteger();

        Webhooks(int room) {
            this.room = room;
        }

        @Override
        public Uni<Optional<Settlement>> deliver(Delivery delivery, Target target, Supplier<Uni<Optional<Body>>> body) {
            if (underWay.get() >= room) {
                return Uni.createFrom().item(Optional.of(new Settlement.Postponed(Duration.ofMillis(100))));
            }
            underWay.incrementAndGet();
            return body.get().chain(written -> written.isEmpty() ? Uni.createFrom().item(Optional.<Settlement> empty())
                    : attempt(text(written.get())).map(Optional::of)).onTermination().invoke(underWay::decrementAndGet);
        }

        private Uni<Settlement> attempt(String body) {
            delivered.add(body);
            if (stuck.get()) {
                return Uni.createFrom().nothing();
            }
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                return Uni.createFrom().item(new Settlement.Failed(Attempts.attempt("refused"), Duration.ofMillis(100)));
            }
            return Uni.createFrom().item(new Settlement.Delivered(Attempts.attempt("")));
        }

        private static String text(Body body) {
            return body.pieces().stream().map(Buffer::toString).collect(Collectors.joining());
        }

        @Override
        public Settlement nowhere(Delivery delivery) {
            return new Settlement.Dead(Attempts.attempt("nowhere"));
        }

        @Override
        public Duration untilFirst() {
            return Duration.ZERO;
        }

        @Override
        public int room() {
            return Math.max(0, room - underWay.get());
        }

        @Override
        public void drain() {
            // There is no line.
        }
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
