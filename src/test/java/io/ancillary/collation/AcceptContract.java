package io.ancillary.collation;

import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.otherContent;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Snapshot.State;

/** Which arrival is new, a repeat or a conflict, and what there is room for. */
interface AcceptContract extends StoreFixture {
    Acceptance REPEATED = new Acceptance.Repeated("a");
    Flow FROM_ZERO = StoreFixture.flow("zeros", new Shape(false, 0, false, false, false), 10, 10);
    Flow THREE_PARTS = StoreFixture.flow("small", new Shape(false, 1, false, false, false), 3, 10);
    Flow TWO_OPEN = StoreFixture.flow("narrow", new Shape(false, 1, false, false, false), 10, 2);

    static Acceptance refused(Refusal why) {
        return new Acceptance.Refused(why);
    }

    @Test
    default void givesThePart_whenThePacketIsNew() {
        Part part = accepted(StoreFixture.arrival("a", 7, false, "digest", "Bat Ball é 😀"));

        assertThat(part).usingRecursiveComparison().ignoringFields("entry", "generation")
                .isEqualTo(new Part("", id("a"), "", 7, 0, 0, "Bat Ball é 😀"));
    }

    @Test
    default void opensACollation_whenItsFirstPacketComes() {
        accepted(packet("a", 3));

        Snapshot snapshot = snapshot("a");
        assertThat(snapshot.state()).isEqualTo(State.COLLECTING);
        assertThat(snapshot.first()).isOne();
        assertThat(snapshot.progress().last()).isEmpty();
        assertThat(snapshot.progress().highest()).isEqualTo(3);
        assertThat(snapshot.progress().received()).isOne();
        assertThat(snapshot.progress().processed() + snapshot.progress().failed()).isZero();
        assertThat(snapshot.times().created()).isEqualTo(snapshot.times().updated());
        assertThat(snapshot.ending()).isEmpty();
    }

    @Test
    default void keepsTheGeneration_whenAnotherPacketOfTheResourceComes() {
        Part first = accepted(packet("a", 1));

        Part second = accepted(other(), last("a", 2));

        assertThat(second.generation()).isEqualTo(first.generation()).isEqualTo(snapshot("a").generation());
        assertThat(snapshot("a").progress().last()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    default void findsNothing_whenTheResourceIsUnknown() {
        assertThat(answer(store().find(id("unknown")))).isEmpty();
    }

    @Test
    default void repeats_whenTheSameContentComesAgain() {
        accepted(packet("a", 1));

        assertThat(accept(packet("a", 1))).isEqualTo(REPEATED);
        assertThat(snapshot("a").progress().received()).isOne();
        assertThat(answer(me().journal("", 10))).hasSize(1);
    }

    @Test
    default void repeats_whenAnotherReplicaTookIt() {
        accepted(packet("a", 1));

        assertThat(answer(other().accept(PACKETS, packet("a", 1)))).isEqualTo(REPEATED);
    }

    @Test
    default void repeats_whenTheResourceHasFinished() {
        ended("a");

        assertThat(accept(last("a", 1))).isEqualTo(REPEATED);
    }

    @Test
    default void repeats_whenTheOutcomeWasDelivered() {
        delivered("a");

        assertThat(accept(last("a", 1))).isEqualTo(REPEATED);
    }

    @Test
    default void refusesOtherContent_whenTheIndexIsTaken() {
        accepted(packet("a", 1));

        assertThat(accept(otherContent(packet("a", 1)))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
    }

    @Test
    default void refusesOtherContent_whenTheResourceHasFinished() {
        ended("a");

        assertThat(accept(otherContent(last("a", 1)))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
    }

    @Test
    default void refusesTheLastFlag_whenTheIndexWasTakenWithoutIt() {
        accepted(packet("a", 1));

        assertThat(accept(last("a", 1))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
        assertThat(snapshot("a").progress().last()).isEmpty();
    }

    @Test
    default void refusesAnIndex_whenItIsBeyondTheLast() {
        accepted(last("a", 2));

        assertThat(accept(packet("a", 3))).isEqualTo(refused(Refusal.INDEX_BEYOND_LAST));
    }

    @Test
    default void refusesAHigherLast_whenAnotherIsTheLast() {
        accepted(last("a", 2));

        assertThat(accept(last("a", 3))).isEqualTo(refused(Refusal.INDEX_BEYOND_LAST));
    }

    @Test
    default void refusesASecondLast_whenAnotherIndexIsTheLast() {
        accepted(last("a", 3));

        assertThat(accept(last("a", 2))).isEqualTo(refused(Refusal.LAST_CONFLICT));
    }

    @Test
    default void refusesALast_whenAHigherIndexWasTaken() {
        accepted(packet("a", 3));

        assertThat(accept(last("a", 2))).isEqualTo(refused(Refusal.LAST_CONFLICT));
    }

    @Test
    default void takesALowerIndex_whenTheLastCameFirst() {
        accepted(last("a", 3));

        accepted(packet("a", 1));

        assertThat(snapshot("a").progress().highest()).isEqualTo(3);
        assertThat(snapshot("a").missing()).isOne();
    }

    @Test
    default void refusesANewPacket_whenTheResourceHasFinished() {
        ended("a");

        assertThat(accept(packet("a", 2))).isEqualTo(refused(Refusal.RESOURCE_FINISHED));
    }

    @Test
    default void leavesNoTrace_whenAPacketIsRefused() {
        accepted(last("a", 2));
        Snapshot before = snapshot("a");

        accept(packet("a", 3));

        assertThat(snapshot("a")).isEqualTo(before);
        assertThat(answer(me().journal("", 10))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 63, 64, 65, 66, 191, 192, 193, 194, 320, 321, 100_000 })
    default void tellsRepeatFromConflict_whereverTheDigestIsKept(int index) {
        accepted(packet("a", index));

        assertThat(accept(packet("a", index))).isEqualTo(REPEATED);
        assertThat(accept(otherContent(packet("a", index)))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
    }

    @Test
    default void keepsEveryDigest_whenAResourceHasManyPackets() {
        acceptedAll("a", 1, 400);

        List<Acceptance> again = together(List.of(1, 64, 65, 192, 193, 320, 321, 399),
                index -> me().accept(PACKETS, packet("a", index)));

        assertThat(again).containsOnly(REPEATED);
        assertThat(snapshot("a").missing()).isZero();
    }

    @Test
    default void takesIndexZero_whenTheFlowBeginsThere() {
        answer(me().accept(FROM_ZERO, packet("a", 0)));
        answer(me().accept(FROM_ZERO, last("a", 1)));

        assertThat(answer(me().accept(FROM_ZERO, packet("a", 0)))).isEqualTo(REPEATED);
        Snapshot snapshot = answer(store().find(new CollationId("zeros", "a"))).orElseThrow();
        assertThat(snapshot.first()).isZero();
        assertThat(snapshot.missing()).isZero();
    }

    @Test
    default void refusesIndexOne_whenZeroIsTheLast() {
        answer(me().accept(FROM_ZERO, last("a", 0)));

        assertThat(answer(me().accept(FROM_ZERO, packet("a", 1)))).isEqualTo(refused(Refusal.INDEX_BEYOND_LAST));
    }

    @Test
    default void refusesZeroAsTheLast_whenAHigherIndexWasTaken() {
        answer(me().accept(FROM_ZERO, packet("a", 1)));

        assertThat(answer(me().accept(FROM_ZERO, last("a", 0)))).isEqualTo(refused(Refusal.LAST_CONFLICT));
    }

    @Test
    default void answersOneByOne_whenManyTravelTogether() {
        List<Acceptance> answers = together(
                List.of(packet("a", 1), packet("a", 1), otherContent(packet("a", 1)), last("a", 2), packet("a", 3)),
                arrival -> me().accept(PACKETS, arrival));

        assertThat(answers.get(0)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(answers.get(3)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(List.of(answers.get(1), answers.get(2), answers.get(4))).containsExactly(REPEATED,
                refused(Refusal.CONTENT_CONFLICT), refused(Refusal.INDEX_BEYOND_LAST));
    }

    @Test
    default void refusesTheFourth_whenTheJournalHoldsThree() {
        List<Acceptance> answers = together(List.of(1, 2, 3, 4), index -> me().accept(THREE_PARTS, packet("a", index)));

        assertThat(answers.get(2)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(answers.get(3)).isEqualTo(refused(Refusal.OVER_CAPACITY));
    }

    @Test
    default void keepsTheLastTenthOfTheJournal_forResourcesThatHaveBegun() {
        Flow flow = StoreFixture.flow("twenty", new Shape(false, 1, false, false, false), 20, 100);
        List<Acceptance> begun = together(IntStream.rangeClosed(1, 19).boxed().toList(),
                i -> me().accept(flow, packet("r" + i, 1)));
        assertThat(begun.subList(0, 18)).hasOnlyElementsOfType(Acceptance.Accepted.class);
        assertThat(begun.get(18)).isEqualTo(refused(Refusal.OVER_CAPACITY));

        List<Acceptance> more = together(List.of(2, 3, 4), index -> me().accept(flow, packet("r1", index)));

        assertThat(more.subList(0, 2)).hasOnlyElementsOfType(Acceptance.Accepted.class);
        assertThat(more.get(2)).isEqualTo(refused(Refusal.OVER_CAPACITY));
    }

    @Test
    default void refusesAPart_whenAnotherReplicaFilledTheJournal() {
        together(List.of(1, 2, 3), index -> other().accept(THREE_PARTS, packet("a", index)));

        assertThat(answer(me().accept(THREE_PARTS, packet("a", 4)))).isEqualTo(refused(Refusal.OVER_CAPACITY));
    }

    @Test
    default void repeats_whenTheJournalIsFull() {
        together(List.of(1, 2, 3), index -> me().accept(THREE_PARTS, packet("a", index)));

        assertThat(answer(me().accept(THREE_PARTS, packet("a", 3)))).isEqualTo(REPEATED);
    }

    @Test
    default void takesAPart_whenAnotherWasCollated() {
        together(List.of(1, 2, 3), index -> me().accept(THREE_PARTS, packet("a", index)));
        collate(THREE_PARTS, answer(me().journal("", 1)).get(0));

        assertThat(answer(me().accept(THREE_PARTS, packet("a", 4)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void takesAPart_whenAnotherFlowsJournalIsFull() {
        together(List.of(1, 2, 3), index -> me().accept(THREE_PARTS, packet("a", index)));

        accepted(packet("a", 1));
    }

    @Test
    default void refusesAThirdResource_whenTwoMayBeOpen() {
        List<Acceptance> answers = together(List.of("a", "b", "c"),
                resource -> me().accept(TWO_OPEN, packet(resource, 1)));

        assertThat(answers.get(1)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(answers.get(2)).isEqualTo(refused(Refusal.HELD_UP));
    }

    @Test
    default void takesAPartOfAnOpenResource_whenNoMoreMayBeOpened() {
        together(List.of("a", "b"), resource -> me().accept(TWO_OPEN, packet(resource, 1)));

        assertThat(answer(me().accept(TWO_OPEN, packet("a", 2)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void opensAResource_whenAnotherHasEnded() {
        together(List.of("a", "b"), resource -> me().accept(TWO_OPEN, last(resource, 1)));
        ended(collate(TWO_OPEN, answer(me().journal("", 1)).get(0)));

        assertThat(answer(me().accept(TWO_OPEN, packet("c", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void opensAResource_whenAnotherWasDropped() {
        together(List.of("a", "b"), resource -> me().accept(TWO_OPEN, last(resource, 1)));
        answer(store().drop(new CollationId("narrow", "a")));

        assertThat(answer(me().accept(TWO_OPEN, packet("c", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }
}
