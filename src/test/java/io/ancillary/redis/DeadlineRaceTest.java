package io.ancillary.redis;

import static io.ancillary.redis.TwinStores.answer;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.collation.Snapshot.State;
import io.ancillary.collation.StoreSettings;

/**
 * An answer and the deadline race for the same collations, each from a replica, a connection and a thread of its own.
 * The collations of a round have one deadline, and it passes while the two go through them side by side: before it the
 * answer must win, after it the deadline, whoever comes first.
 */
class DeadlineRaceTest {
    private static final int ROUNDS = 60;
    private static final int AT_ONCE = 64;
    private static final int LONGEST_MILLIS = 20;
    private static final StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMinutes(1), Duration.ofMinutes(10),
            Duration.ofHours(1), Duration.ofHours(5));

    private static RedisFixture fixture;
    private static CollationStore here;
    private static CollationStore there;

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
        here = fixture.store(SETTINGS);
        there = fixture.store(SETTINGS);
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    /** What each of the two was told of one collation, and how it stands. */
    private record Race(Collated answered, Optional<Delivery> expired, Snapshot after) {
        boolean isWonByAnswer() {
            return answered instanceof Collated.Ended;
        }

        Delivery delivery() {
            return answered instanceof Collated.Ended ended ? ended.delivery() : expired.orElseThrow();
        }

        Ending ending() {
            return after.ending().orElseThrow();
        }

        boolean isEndedAfterItsDeadline() {
            return !ending().at().isBefore(after.times().deadline());
        }
    }

    @Test
    void endsEachCollationOnce_whenAnswerAndDeadlineRaceForIt() {
        List<Race> races = IntStream.range(0, ROUNDS).boxed().flatMap(round -> round(round).stream()).toList();

        assertThat(races).hasSize(ROUNDS * AT_ONCE).allSatisfy(race -> {
            assertThat(race.answered()).isInstanceOfAny(Collated.Ended.class, Collated.Late.class);
            assertThat(race.isWonByAnswer()).isNotEqualTo(race.expired().isPresent());
            assertThat(race.after().state()).isEqualTo(race.isWonByAnswer() ? State.COMPLETED : State.INCOMPLETE);
            assertThat(race.ending().byDeadline()).isEqualTo(race.expired().isPresent());
            assertThat(race.ending().late()).isEqualTo(race.expired().isPresent() ? 1 : 0);
            assertThat(race.isEndedAfterItsDeadline()).isEqualTo(race.expired().isPresent());
        });
        assertThat(races).as("won by the deadline").anyMatch(race -> race.expired().isPresent());
        assertThat(races).as("won by the answer").anyMatch(Race::isWonByAnswer);
    }

    private List<Race> round(int round) {
        fixture.forgetEverything();
        Flow flow = flow(round);
        Random random = new Random(round);
        Membership answering = answer(here.join("answering"));
        Membership expiring = answer(there.join("expiring"));
        List<Part> parts = accepted(answering, flow, round);
        CyclicBarrier start = new CyclicBarrier(2);

        CompletableFuture<List<Collated>> answers = inTurn(start, parts, part -> {
            // Now and then a call ahead, as expire makes one to learn the keys: else the answer was always first.
            if (random.nextInt(3) > 0) {
                answer(here.find(part.id()));
            }
            return answer(answering.collate(flow, part, new PartResult.Output("1")));
        });
        CompletableFuture<List<Optional<Delivery>>> expirations = inTurn(start, parts,
                part -> expired(expiring, part));

        List<Optional<Delivery>> expired = expiredAtLast(answer(answers), answer(expirations), expiring, parts);
        List<Race> races = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            races.add(new Race(answer(answers).get(i), expired.get(i),
                    answer(here.find(parts.get(i).id())).orElseThrow()));
        }
        assertThatEachIsInFlightWhereItEnded(races, answering, expiring);
        return races;
    }

    private static Optional<Delivery> expired(Membership by, Part part) {
        return answer(by.expire(new Due(part.id(), part.generation())));
    }

    /** Where the deadline was looked for too soon, and the answer came too late, there is another look. */
    private static List<Optional<Delivery>> expiredAtLast(List<Collated> answers, List<Optional<Delivery>> expired,
            Membership by, List<Part> parts) {
        return IntStream.range(0, AT_ONCE).mapToObj(
                i -> answers.get(i) instanceof Collated.Late && expired.get(i).isEmpty() ? expired(by, parts.get(i))
                        : expired.get(i))
                .toList();
    }

    /** So short a deadline that it passes in the middle of a round, sooner or later. */
    private static Flow flow(int round) {
        Duration deadline = Duration.ofMillis(1 + round % LONGEST_MILLIS);
        return new Flow("races", new Shape(true, 1, false, false, false),
                new Limits(AT_ONCE, AT_ONCE, 1000, AT_ONCE, 1000, 1000), new Times(deadline, deadline, deadline));
    }

    /** All of one round in one call, so that they have one deadline. */
    private static List<Part> accepted(Membership by, Flow flow, int round) {
        CompletableFuture<List<CompletableFuture<Acceptance>>> asked = new CompletableFuture<>();
        here.executor().execute(() -> asked.complete(IntStream.range(0, AT_ONCE)
                .mapToObj(
                        i -> new Arrival("0-" + round + "-" + i, 1, true, "digest", "body", Optional.empty(), Optional.empty()))
                .map(arrival -> by.accept(flow, arrival).toCompletableFuture()).toList()));
        return answer(asked).stream().map(one -> ((Acceptance.Accepted) answer(one)).part()).toList();
    }

    /** One after another, each together with the other thread's. */
    private static <T> CompletableFuture<List<T>> inTurn(CyclicBarrier start, List<Part> parts, Function<Part, T> call) {
        return CompletableFuture.supplyAsync(() -> parts.stream().map(part -> {
            meet(start);
            return call.apply(part);
        }).toList(), task -> new Thread(task).start());
    }

    private static void meet(CyclicBarrier start) {
        try {
            start.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertThatEachIsInFlightWhereItEnded(List<Race> races, Membership answering, Membership expiring) {
        assertThat(answer(answering.inFlight())).containsExactlyInAnyOrderElementsOf(
                ids(races.stream().filter(Race::isWonByAnswer)));
        assertThat(answer(expiring.inFlight())).containsExactlyInAnyOrderElementsOf(
                ids(races.stream().filter(race -> !race.isWonByAnswer())));
        assertThat(fixture.redis().command("HMGET", "anc:{0}:meta", "journal:races", "open:races", "undelivered:races").lines())
                .containsExactly("0", "0", String.valueOf(AT_ONCE));
    }

    private static List<String> ids(Stream<Race> races) {
        return races.map(race -> race.delivery().id()).toList();
    }
}
