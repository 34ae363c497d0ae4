package io.ancillary.redis;

import static io.ancillary.redis.TwinStores.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Collected;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreSettings;

/**
 * Two replicas at once, over a connection and from a thread each, get all packets of the same resources, some of them
 * twice, and collate twice what they accept. Each repetition is a seed, but what the threads make of it differs from
 * run to run.
 */
class StoreConcurrencyTest {
    private static final Flow PACKETS = new Flow("packets", new Shape(false, 1, false, false, false),
            new Limits(10_000, 10_000, 1000, 10_000, 1000, 1_000_000),
            new Times(Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1)));
    private static final StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMinutes(1), Duration.ofMinutes(10),
            Duration.ofHours(1), Duration.ofHours(5));
    private static final int RESOURCES = 4;
    private static final int ROUNDS = 150;

    private static RedisFixture fixture;
    private static List<CollationStore> connections;

    private final Queue<Delivery> ended = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
        connections = List.of(fixture.store(SETTINGS), fixture.store(SETTINGS));
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @RepeatedTest(value = ROUNDS, failureThreshold = 3)
    void endsEachResourceOnce_whenTwoReplicasGetEveryPacket(RepetitionInfo round) {
        fixture.forgetEverything();
        Random random = new Random(round.getCurrentRepetition());
        int size = 1 + random.nextInt(30);
        List<Arrival> ones = shuffled(size, random);
        List<Arrival> twos = shuffled(size, random);
        Membership one = answer(connections.get(0).join("one"));
        Membership two = answer(connections.get(1).join("two"));

        atOnce(() -> flood(one, ones), () -> flood(two, twos));

        assertThatEachEndedOnce(size);
        assertThat(answer(one.journal("", 10))).isEmpty();
        assertThat(answer(two.journal("", 10))).isEmpty();
    }

    @RepeatedTest(value = ROUNDS, failureThreshold = 3)
    void endsEachResourceOnce_whenAReplicaIsTakenOverMeanwhile(RepetitionInfo round) {
        fixture.forgetEverything();
        Random random = new Random(round.getCurrentRepetition());
        int size = 1 + random.nextInt(30);
        List<Arrival> before = shuffled(size, random);
        List<Arrival> after = shuffled(size, random);
        int untilThen = random.nextInt(before.size());
        Membership left = answer(connections.get(0).join("left"));
        Membership heir = answer(connections.get(1).join("heir"));

        AtomicBoolean hasLeft = new AtomicBoolean();
        atOnce(() -> floodAndLeave(left, before, untilThen, hasLeft), () -> inherit(heir, left.replica(), hasLeft, after));

        assertThatEachEndedOnce(size);
    }

    /** Goes when one of its calls is answered, in the middle of the others. */
    private void floodAndLeave(Membership by, List<Arrival> arrivals, int answered,
            AtomicBoolean hasLeft) {
        List<CompletionStage<Void>> underWay = arrivals.stream()
                .map(arrival -> acceptAndCollate(by, arrival).exceptionally(expelled -> null)).toList();
        answer(underWay.get(answered));
        answer(by.leave());
        hasLeft.set(true);
        answer(all(underWay));
    }

    /** Everything that the other held, if it held anything and so left a trace, and then whatever it never took. */
    private void inherit(Membership heir, String left, AtomicBoolean hasLeft, List<Arrival> arrivals) {
        soon(() -> assertThat(hasLeft.get() || answer(heir.tick(10)).silentReplicas().contains(left)).isTrue());
        if (answer(heir.tick(10)).silentReplicas().contains(left)) {
            soon(() -> assertThat(answer(heir.takeOver(left, 3))).isTrue());
        }
        answer(all(answer(heir.journal("", 10_000)).stream().map(part -> collateTwice(heir, part)).toList()));
        flood(heir, arrivals);
    }

    private static void soon(ThrowingRunnable assertion) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).atMost(Duration.ofSeconds(10))
                .untilAsserted(assertion);
    }

    private static void atOnce(Runnable one, Runnable two) {
        CyclicBarrier together = new CyclicBarrier(2);
        answer(all(List.of(CompletableFuture.runAsync(() -> after(together, one), task -> new Thread(task).start()),
                CompletableFuture.runAsync(() -> after(together, two), task -> new Thread(task).start()))));
    }

    private static void after(CyclicBarrier barrier, Runnable task) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        task.run();
    }

    private void flood(Membership by, List<Arrival> arrivals) {
        answer(all(arrivals.stream().map(arrival -> acceptAndCollate(by, arrival)).toList()));
    }

    private CompletionStage<Void> acceptAndCollate(Membership by, Arrival arrival) {
        return by.accept(PACKETS, arrival)
                .thenCompose(acceptance -> acceptance instanceof Acceptance.Accepted accepted
                        ? collateTwice(by, accepted.part())
                        : CompletableFuture.completedFuture(null));
    }

    private CompletionStage<Void> collateTwice(Membership by, Part part) {
        return all(List.of(collate(by, part), collate(by, part)));
    }

    private CompletionStage<Void> collate(Membership by, Part part) {
        return by.collate(PACKETS, part, new PartResult.Output(String.valueOf(part.index()))).thenAccept(collated -> {
            if (collated instanceof Collated.Ended end) {
                ended.add(end.delivery());
            }
        });
    }

    private void assertThatEachEndedOnce(int size) {
        assertThat(ended).extracting(Delivery::collation)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, RESOURCES).mapToObj(i -> id("r" + i)).toList());
        List<Collected> whole = IntStream.rangeClosed(1, size)
                .mapToObj(index -> new Collected(index, new PartResult.Output(String.valueOf(index)))).toList();
        assertThat(ended).allSatisfy(delivery -> assertThat(answer(Outcome.read(connections.get(0), delivery)))
                .hasValueSatisfying(outcome -> {
                    assertThat(outcome.completed()).isTrue();
                    assertThat(outcome.results()).isEqualTo(whole);
                }));
    }

    /** Every packet of every resource, each once or twice, in any order. */
    private static List<Arrival> shuffled(int size, Random random) {
        List<Arrival> arrivals = new ArrayList<>();
        for (int resource = 0; resource < RESOURCES; resource++) {
            for (int index = 1; index <= size; index++) {
                Arrival arrival = new Arrival("r" + resource, index, index == size, "digest " + index, "body",
                        Optional.empty(), Optional.empty());
                arrivals.addAll(Collections.nCopies(1 + random.nextInt(2), arrival));
            }
        }
        Collections.shuffle(arrivals, random);
        return arrivals;
    }

    private static CollationId id(String resource) {
        return new CollationId(PACKETS.name(), resource);
    }

    private static CompletableFuture<Void> all(List<? extends CompletionStage<?>> stages) {
        return CompletableFuture.allOf(stages.stream().map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new));
    }
}
