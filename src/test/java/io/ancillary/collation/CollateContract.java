package io.ancillary.collation;

import static io.ancillary.collation.StoreFixture.failure;
import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.output;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.Snapshot.State;

/** What becomes of a processed part, when a resource ends, and what as. */
interface CollateContract extends StoreFixture {
    Collated LOST = new Collated.Lost();
    Collated STALE = new Collated.Stale();
    Collated ADDED = new Collated.Added();

    @Test
    default void adds_whenOthersAreAwaited() {
        List<Part> parts = acceptedAll("a", 1, 2);

        assertThat(collate(parts.get(0))).isEqualTo(ADDED);
        assertThat(snapshot("a").progress().processed()).isOne();
        assertThat(snapshot("a").state()).isEqualTo(State.COLLECTING);
        assertThat(answer(me().journal("", 10))).containsExactly(parts.get(1));
    }

    @Test
    default void ends_whenTheLastAwaitedPartIsCollated() {
        List<Part> parts = acceptedAll("a", 1, 2);
        collate(parts.get(1));

        Delivery delivery = ended(collate(parts.get(0)));

        assertThat(delivery.collation()).isEqualTo(id("a"));
        assertThat(delivery.generation()).isEqualTo(parts.get(0).generation());
        assertThat(delivery.highest()).isEqualTo(2);
        assertThat(delivery.attempts()).isZero();
        assertThat(snapshot("a").state()).isEqualTo(State.COMPLETED);
        assertThat(snapshot("a").ending()).isPresent();
    }

    @Test
    default void tellsEveryOutput_howeverLargeTheyAre() {
        List<Part> parts = acceptedAll("a", 1, 9);
        PartResult large = new PartResult.Output("1".repeat(100_000));
        List<Collated> collated = together(parts, part -> me().collate(PACKETS, part, large));

        Outcome outcome = outcome(collated.stream().filter(Collated.Ended.class::isInstance).map(this::ended).findAny()
                .orElseThrow());

        assertThat(outcome.results()).extracting(Collected::index).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(outcome.results()).extracting(Collected::result).containsOnly(large);
    }

    @Test
    default void goesOn_whenNoPacketSaysItIsTheLast() {
        accepted(packet("a", 2));

        assertThat(collate(accepted(packet("a", 1)))).isEqualTo(ADDED);
    }

    @Test
    default void goesOn_whenAnIndexIsMissing() {
        collate(accepted(packet("a", 1)));

        assertThat(collate(accepted(last("a", 3)))).isEqualTo(ADDED);
    }

    @Test
    default void goesOn_whenAReceivedPartHasNoOutputYet() {
        List<Part> parts = acceptedAll("a", 1, 3);
        collate(parts.get(2));

        assertThat(collate(parts.get(0))).isEqualTo(ADDED);
    }

    @Test
    default void ends_whenIndexZeroIsFirstAndLast() {
        answer(me().accept(AcceptContract.FROM_ZERO, last("a", 0)));

        Delivery delivery = ended(collate(AcceptContract.FROM_ZERO, answer(me().journal("", 1)).get(0)));

        Outcome outcome = outcome(delivery);
        assertThat(outcome.id()).isEqualTo(new CollationId("zeros", "a"));
        assertThat(outcome.completed()).isTrue();
        assertThat(outcome.size()).isOne();
        assertThat(outcome.results()).containsExactly(new Collected(0, output(0)));
    }

    @Test
    default void isLost_whenItWasCollatedBefore() {
        Part part = acceptedAll("a", 1, 2).get(0);
        collate(part);

        assertThat(collate(part)).isEqualTo(LOST);
        assertThat(snapshot("a").progress().processed()).isOne();
    }

    @Test
    default void isLost_whenTheSamePartEndedTheResource() {
        Part part = accepted(last("a", 1));
        ended(collate(part));

        assertThat(collate(part)).isEqualTo(LOST);
    }

    @Test
    default void isLost_whenAnotherReplicaHoldsIt() {
        Part part = accepted(last("a", 1));

        assertThat(answer(other().collate(PACKETS, part, output(1)))).isEqualTo(LOST);
        assertThat(snapshot("a").progress().processed()).isZero();
    }

    @Test
    default void endsOnce_whenAllTravelTogetherTwice() {
        List<Part> parts = acceptedAll("a", 1, 20);
        List<Part> twice = new ArrayList<>(parts);
        twice.addAll(parts);

        List<Collated> answers = together(twice, part -> me().collate(PACKETS, part, output(part.index())));

        assertThat(answers.subList(0, 19)).containsOnly(ADDED);
        assertThat(answers.get(19)).isInstanceOf(Collated.Ended.class);
        assertThat(answers.subList(20, 40)).containsOnly(LOST);
    }

    @Test
    default void isStale_whenTheResourceWasDropped() {
        Part part = accepted(last("a", 1));
        answer(store().drop(id("a")));

        assertThat(collate(part)).isEqualTo(STALE);
        assertThat(answer(store().find(id("a")))).isEmpty();
        assertThat(answer(me().journal("", 10))).isEmpty();
    }

    @Test
    default void isStale_whenTheResourceLivesAnotherLife() {
        Part part = accepted(packet("a", 1));
        answer(store().drop(id("a")));
        accepted(packet("a", 1));

        assertThat(collate(part)).isEqualTo(STALE);
        assertThat(snapshot("a").progress().processed()).isZero();
    }

    @Test
    default void endsIncomplete_whenAPartFailed() {
        List<Part> parts = acceptedAll("a", 1, 2);
        assertThat(fail(parts.get(0))).isEqualTo(ADDED);

        Delivery delivery = ended(collate(parts.get(1)));

        assertThat(snapshot("a").state()).isEqualTo(State.INCOMPLETE);
        assertThat(snapshot("a").progress().failed()).isOne();
        assertThat(outcome(delivery).completed()).isFalse();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, failure(1)), new Collected(2, output(2)));
    }

    @Test
    default void endsIncomplete_whenTheLastAwaitedPartFails() {
        ended(fail(accepted(last("a", 1))));

        assertThat(snapshot("a").state()).isEqualTo(State.INCOMPLETE);
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 255, 256, 257, 512, 600 })
    default void givesEachResultOnceInIndexOrder_whateverTheOrder(int size) {
        List<Part> shuffled = new ArrayList<>(acceptedAll("a", 1, size));
        Collections.shuffle(shuffled, new Random(size));

        List<Collated> answers = together(shuffled, part -> me().collate(PACKETS, part, output(part.index())));

        Outcome outcome = outcome(ended(answers.get(size - 1)));
        assertThat(outcome.results()).isEqualTo(
                IntStream.rangeClosed(1, size).mapToObj(index -> new Collected(index, output(index))).toList());
        assertThat(outcome.completed()).isTrue();
        assertThat(outcome.size()).isEqualTo(size);
    }

    @Test
    default void keepsResultsApart_whenTheyAreEqual() {
        List<Part> parts = acceptedAll("a", 1, 12);

        List<Collated> answers = together(parts, part -> me().collate(PACKETS, part, output(0)));

        assertThat(outcome(ended(answers.get(11))).results()).hasSize(12)
                .allSatisfy(it -> assertThat(it.result()).isEqualTo(output(0)));
    }

    @ParameterizedTest
    @ValueSource(strings = { "7", "\"\"", "\"=!12\"", "[]", "{\"a\": [1, \"é 😀\\n\"]}", "null", "-1.5e3" })
    default void givesAnOutputAsItWasPut_whateverJsonItIs(String json) {
        Delivery delivery = ended(answer(me().collate(PACKETS, accepted(last("a", 1)), new PartResult.Output(json))));

        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, new PartResult.Output(json)));
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "=7", "!", "12", "status 500: é 😀\r\n" })
    default void givesAnErrorAsItWasPut_whateverItSays(String error) {
        Delivery delivery = ended(answer(me().collate(PACKETS, accepted(last("a", 1)), new PartResult.Failure(error))));

        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, new PartResult.Failure(error)));
    }

    @Test
    default void givesNoOutcome_whenTheResourceWasDropped() {
        Delivery delivery = ended("a");
        answer(store().drop(id("a")));

        assertThat(answer(store().outcome(delivery, 0))).isEmpty();
    }

    @Test
    default void givesNoOutcome_whenTheResourceLivesAnotherLife() {
        Delivery delivery = ended("a");
        answer(store().drop(id("a")));
        ended("a");

        assertThat(answer(store().outcome(delivery, 0))).isEmpty();
    }

    @Test
    default void givesNoOutcome_whenTheCollationHasNotEnded() {
        Part part = accepted(last("a", 1));

        assertThat(answer(store().outcome(new Delivery("0-any", id("a"), part.generation(), 1, 0, 0, Optional.empty()), 0)))
                .isEmpty();
    }

    @Test
    default void missesNothing_whenAllWasReceived() {
        acceptedAll("a", 1, 3);

        assertThat(answer(store().missing(snapshot("a"), 10))).isEmpty();
    }

    @Test
    default void missesWhatIsBelowTheHighest_whenTheLastIsUnknown() {
        accepted(packet("a", 2));
        accepted(packet("a", 5));

        assertThat(answer(store().missing(snapshot("a"), 10))).containsExactly(1, 3, 4);
    }

    @Test
    default void missesTheLowestFirst_whenThereAreMoreThanAsked() {
        accepted(packet("a", 2));
        accepted(last("a", 100_000));

        assertThat(answer(store().missing(snapshot("a"), 3))).containsExactly(1, 3, 4);
        assertThat(snapshot("a").missing()).isEqualTo(99_998);
    }

    @Test
    default void missesIndices_atTheEdgesOfWhereDigestsAreKept() {
        List<Integer> gaps = List.of(64, 65, 192, 193, 320, 321);
        together(IntStream.rangeClosed(1, 330).filter(index -> !gaps.contains(index)).boxed().toList(),
                index -> me().accept(PACKETS, packet("a", index)));

        assertThat(answer(store().missing(snapshot("a"), 100))).isEqualTo(gaps);
    }

    @Test
    default void missesIndexZero_whenTheFlowBeginsThere() {
        answer(me().accept(AcceptContract.FROM_ZERO, last("a", 2)));
        Snapshot snapshot = answer(store().find(new CollationId("zeros", "a"))).orElseThrow();

        assertThat(answer(store().missing(snapshot, 10))).containsExactly(0, 1);
    }

    @Test
    default void listsNoFailures_whenAllHaveOutputs() {
        ended("a");

        assertThat(answer(store().failures(snapshot("a"), 10))).isEmpty();
    }

    @Test
    default void listsFailures_lowestIndexFirst() {
        List<Part> parts = acceptedAll("a", 1, 4);
        fail(parts.get(3));
        collate(parts.get(2));
        fail(parts.get(0));

        assertThat(answer(store().failures(snapshot("a"), 10))).containsExactly(new Collected(1, failure(1)),
                new Collected(4, failure(4)));
    }

    @Test
    default void listsNoMoreFailuresThanAsked() {
        together(acceptedAll("a", 1, 5), part -> me().collate(PACKETS, part, failure(part.index())));

        assertThat(answer(store().failures(snapshot("a"), 2))).extracting(Collected::index).containsExactly(1, 2);
    }

    @Test
    default void findsFailures_whenManyOutputsStandBeforeThem() {
        List<Part> parts = acceptedAll("a", 1, 600);
        together(parts, part -> me().collate(PACKETS, part, part.index() % 290 == 0 ? failure(part.index()) : output(0)));

        assertThat(answer(store().failures(snapshot("a"), 10))).extracting(Collected::index).containsExactly(290, 580);
    }
}
