package io.ancillary.redis;

import static io.ancillary.redis.TwinStores.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.Membership;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.redis.Layout.Step;

/** From eight partitions to two and back: every partition that there was has a say in it. */
class LayoutTest {
    private static final Duration LEASE = Duration.ofMinutes(10);
    private static final StoreSettings EIGHT = settings(8);
    private static final StoreSettings TWO = settings(2);
    private static final Flow PACKETS = new Flow("packets", new Shape(false, 1, false, false, false),
            new Limits(10, 10, 10, 10, 1000, 1000), new Times(LEASE, LEASE, LEASE));

    private static final int ROUNDS = 200;

    private static RedisFixture fixture;

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @BeforeEach
    void forgetEverything() {
        fixture.forgetEverything();
    }

    @Test
    void refusesFewer_whenOneThatWouldGoHasWork() {
        leave(joined(0, EIGHT));
        Membership old = joined(5, EIGHT);
        answer(old.accept(PACKETS, new Arrival("a", 1, false, "digest", "body", Optional.empty(), Optional.empty())));
        leave(old);

        assertRefused(join(0, TWO)).hasMessageContainingAll("format 1 with 8 partitions", "format 1 with 2",
                "partition 5 is not idle");
        assertThat(answer(join(0, EIGHT)).replica()).isNotEmpty();
        assertThat(answer(join(7, EIGHT)).replica()).isNotEmpty();
    }

    @Test
    void refusesFewer_whenSomebodyWorksInOneThatWouldGo() {
        leave(joined(0, EIGHT));
        joined(7, EIGHT);

        assertRefused(join(0, TWO)).hasMessageContaining("partition 7 is not idle");
    }

    @Test
    void refusesAnother_whenOneIsOfAnotherFormat() {
        leave(joined(0, EIGHT));
        fixture.redis().command("HSET", "anc:{6}:meta", "format", "2", "partitions", "8");

        assertRefused(join(0, TWO)).hasMessageContaining("partition 6 is of another format");
    }

    @Test
    void takesFewer_whenAllAreIdle() {
        leave(joined(0, EIGHT));
        leave(joined(5, EIGHT));

        assertThat(answer(join(0, TWO)).replica()).isNotEmpty();
        assertThat(answer(join(1, TWO)).replica()).isNotEmpty();
        assertRefused(join(0, EIGHT)).hasMessageContainingAll("with 2 partitions", "with 8");
        assertThatThrownBy(() -> answer(join(5, EIGHT))).hasCauseInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void takesMoreAgain_whenAllAreIdle() {
        leave(joined(0, EIGHT));
        leave(joined(0, TWO));

        joined(0, EIGHT);

        assertThat(answer(join(7, EIGHT)).replica()).isNotEmpty();
    }

    @Test
    void expelsWhoWasSilent_whenFewerAreTaken() {
        Membership here = joined(0, EIGHT);
        Membership there = joined(5, EIGHT);
        RedisTime.advance(fixture.redis(), LEASE);

        joined(0, TWO);

        assertThatThrownBy(() -> answer(here.tick(1))).hasCauseInstanceOf(ExpelledException.class);
        assertThatThrownBy(() -> answer(there.tick(1))).hasCauseInstanceOf(ExpelledException.class);
    }

    @Test
    void waitsForPartition0_whenItSaysAnotherNumberOrNone() {
        assertThatThrownBy(() -> answer(join(1, TWO))).hasCauseInstanceOf(StoreUnavailableException.class);

        joined(0, TWO);

        assertThat(answer(join(1, TWO)).replica()).isNotEmpty();
    }

    @Test
    void takesTheSameNumberTwice_whenTwoStartAtOnce() {
        leave(joined(0, EIGHT));
        List<CompletionStage<Membership>> both = List.of(join(0, TWO), join(0, TWO));

        assertThat(both).allSatisfy(one -> assertThat(answer(one).replica()).isNotEmpty());
    }

    @Test
    void callsTheChangeOff_whenOneOfTheOldNumberJoinsWhatWasGivenUpAlready() {
        leave(joined(0, EIGHT));
        Layout change = announcedAndLeft();

        Membership old = joined(5, EIGHT);

        assertThat(answer(change.vacate(0, Step.SETTLE))).isEqualTo("CALLED_OFF");
        assertThat(answer(old.tick(1)).silentReplicas()).isEmpty();
    }

    @Test
    void callsTheChangeOff_whenOneOfAThirdNumberStarts() {
        leave(joined(0, EIGHT));
        Layout change = announcedAndLeft();

        joined(0, settings(3));

        assertThat(answer(change.vacate(0, Step.SETTLE))).isEqualTo("CALLED_OFF");
    }

    @Test
    void refusesToJoinPartition0_whenTheNumberChangedSinceItLooked() {
        leave(joined(0, TWO));

        assertRefused(((RedisStore) fixture.store(0, EIGHT)).joinHere("late"));
    }

    @Test
    void leavesAgain_whenTheNumberChangedSinceItLookedAtPartition0() {
        leave(joined(0, EIGHT));
        joined(0, TWO);
        RedisStore five = (RedisStore) fixture.store(5, EIGHT);

        assertThatThrownBy(() -> answer(five.joinAndCheck("late"))).hasCauseInstanceOf(StoreUnavailableException.class);
        assertThat(fixture.redis().command("ZCOUNT", "anc:{5}:replicas", "1", "+inf")).isEqualTo("0");
    }

    /** Whoever looks at partition 0 when, and is held up where: either the old one is in, or the number has changed. */
    @Test
    void letsOneOfTwoIn_whenOneOfTheOldNumberAndOneOfTheNewStartAtOnce() {
        CollationStore five = fixture.store(5, EIGHT);
        CollationStore zero = fixture.store(0, TWO);
        Set<Boolean> oldIsIn = new HashSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            fixture.forgetEverything();
            fixture.redis().command("HSET", "anc:{0}:meta", "format", "1", "partitions", "8");
            CompletableFuture<Membership> changing = zero.join("new").toCompletableFuture();
            LockSupport.parkNanos(round * 10_000L);
            CompletableFuture<Membership> joining = five.join("old").toCompletableFuture();

            boolean changed = isIn(changing);
            boolean joined = isIn(joining);

            assertThat(joined).as("round %d", round).isNotEqualTo(changed);
            oldIsIn.add(joined);
        }
        assertThat(oldIsIn).containsExactlyInAnyOrder(true, false);
    }

    private static boolean isIn(CompletableFuture<Membership> joining) {
        return answer(joining.handle((membership, failure) -> failure == null));
    }

    private static Layout announcedAndLeft() {
        Layout change = fixture.layout(TWO);
        assertThat(answer(change.vacate(0, Step.ANNOUNCE))).isEqualTo("OK");
        for (int partition = 7; partition > 0; partition--) {
            assertThat(answer(change.vacate(partition, Step.LEAVE))).isEqualTo("OK");
        }
        return change;
    }

    private static StoreSettings settings(int partitions) {
        return new StoreSettings(partitions, Duration.ofMinutes(1), LEASE, Duration.ofHours(1), Duration.ofHours(5));
    }

    private static CompletionStage<Membership> join(int partition, StoreSettings settings) {
        return fixture.store(partition, settings).join("r" + System.nanoTime());
    }

    private static Membership joined(int partition, StoreSettings settings) {
        return answer(join(partition, settings));
    }

    private static void leave(Membership member) {
        answer(member.leave());
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(CompletionStage<Membership> join) {
        return assertThatThrownBy(() -> answer(join)).hasCauseInstanceOf(FormatMismatchException.class);
    }
}
