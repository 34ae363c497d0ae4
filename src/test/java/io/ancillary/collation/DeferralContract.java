package io.ancillary.collation;

import static io.ancillary.collation.AcceptContract.refused;
import static io.ancillary.collation.StoreFixture.DEADLINE;
import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.output;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Snapshot.State;

/** A part that its processor has put off waits in the store; its first output counts, whenever it comes. */
interface DeferralContract extends StoreFixture {
    Flow DEFERRING = new Flow("packets", new Shape(false, 1, false, false, true), new Limits(2000, 3, 1000, 2000, 1000, 20),
            new Times(DEADLINE, GAP, COMPLETION));
    Flow DEFERRING_SINGLE = new Flow("single", new Shape(true, 1, false, false, true), new Limits(10, 10, 1000, 10, 1000, 1000),
            new Times(DEADLINE, GAP, COMPLETION));
    Collated PARKED = new Collated.Parked();
    Completion TAKEN = new Completion.Taken(Optional.empty());
    Completion REPEATED_OUTPUT = new Completion.Repeated();
    Completion CONFLICT = new Completion.Conflict();
    Completion GONE = new Completion.Gone();

    default Part acceptedDeferring(Arrival arrival) {
        return accepted(me(), DEFERRING, arrival);
    }

    default Collated defer(Part part) {
        return defer(part, 1);
    }

    default Collated defer(Part part, int attempts) {
        return answer(me().collate(DEFERRING, part, new PartResult.Deferred(attempts)));
    }

    /** A part of a resource that is put off. */
    default Part parked(Arrival arrival) {
        Part part = acceptedDeferring(arrival);
        assertThat(defer(part)).isEqualTo(PARKED);
        return part;
    }

    default Completion complete(Part part, PartResult output) {
        return complete(me(), part, output);
    }

    default Completion complete(Membership by, Part part, PartResult output) {
        return answer(by.complete(DEFERRING, part.name(), (PartResult.Output) output));
    }

    static Delivery ended(Completion completion) {
        assertThat(completion).isInstanceOf(Completion.Taken.class);
        return ((Completion.Taken) completion).delivery().orElseThrow();
    }

    default List<Due> overdue() {
        return answer(me().tick(100)).overdue();
    }

    default List<Part> woken(Part part) {
        return answer(me().wake(due(part), 100));
    }

    @Test
    default void waits_whenItIsPutOff() {
        parked(last("a", 1));

        assertThat(answer(me().journal("", 10))).isEmpty();
        assertThat(snapshot("a").progress().waiting()).isOne();
        assertThat(snapshot("a").state()).isEqualTo(State.COLLECTING);
    }

    @Test
    default void isPutOffOnce_whenThatIsSaidTwice() {
        Part part = parked(last("a", 1));

        assertThat(defer(part)).isEqualTo(CollateContract.LOST);
        assertThat(snapshot("a").progress().waiting()).isOne();
    }

    @Test
    default void ends_whenTheLastAwaitedOutputComes() {
        Part part = parked(last("a", 1));

        Delivery delivery = ended(complete(other(), part, output(1)));

        assertThat(delivery).isEqualTo(new Delivery(delivery.id(), id("a"), part.generation(), 1, 0, 3, Optional.empty()));
        assertThat(outcome(delivery).completed()).isTrue();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, output(1)));
        assertThat(answer(other().inFlight())).containsExactly(delivery.id());
        assertThat(answer(me().inFlight())).isEmpty();
        assertThat(snapshot("a").progress().waiting()).isZero();
    }

    @Test
    default void goesOn_whenOthersAreAwaited() {
        Part part = parked(packet("a", 1));
        acceptedDeferring(last("a", 2));

        assertThat(complete(part, output(1))).isEqualTo(TAKEN);
        assertThat(snapshot("a").progress().processed()).isOne();
        assertThat(snapshot("a").ending()).isEmpty();
    }

    @Test
    default void tellsARepeatFromAnotherOutput_whileOthersAreAwaited() {
        Part part = parked(packet("a", 1));
        acceptedDeferring(last("a", 2));
        complete(part, output(1));

        assertThat(complete(part, output(1))).isEqualTo(REPEATED_OUTPUT);
        assertThat(complete(part, output(7))).isEqualTo(CONFLICT);
        assertThat(snapshot("a").progress().processed()).isOne();
    }

    @Test
    default void tellsARepeatFromAnotherOutput_whenItHasEnded() {
        Part part = parked(last("a", 1));
        complete(part, output(1));

        assertThat(complete(part, output(1))).isEqualTo(REPEATED_OUTPUT);
        assertThat(complete(part, output(7))).isEqualTo(CONFLICT);
        assertThat(answer(me().inFlight())).hasSize(1);
    }

    @Test
    default void isGone_whenItsCollationEndedWithoutIt() {
        Part part = parked(last("a", 1));
        advance(DEADLINE);
        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(complete(part, output(1))).isEqualTo(GONE);

        assertThat(outcome(delivery).results())
                .containsExactly(new Collected(1, new PartResult.Failure(Collected.DEADLINE)));
        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
        assertThat(snapshot("a").progress().waiting()).isZero();
    }

    @Test
    default void isGone_atItsDeadline_beforeAnybodyLooked() {
        Part part = parked(last("a", 1));
        advance(DEADLINE);

        assertThat(complete(part, output(1))).isEqualTo(GONE);
        assertThat(snapshot("a").ending()).isEmpty();
    }

    @Test
    default void isGone_whenItsCollationWasDropped() {
        Part part = parked(last("a", 1));
        answer(store().drop(id("a")));

        assertThat(complete(part, output(1))).isEqualTo(GONE);

        acceptedDeferring(last("a", 1));
        assertThat(complete(part, output(1))).isEqualTo(GONE);
        assertThat(snapshot("a").progress().processed()).isZero();
    }

    @Test
    default void recordsOneLateAnswer_whereThereIsOnePart() {
        Part part = accepted(me(), DEFERRING_SINGLE, SingleContract.request("0-x"));
        answer(me().collate(DEFERRING_SINGLE, part, new PartResult.Deferred(1)));
        advance(DEADLINE);
        expired(due(part));

        answer(me().complete(DEFERRING_SINGLE, part.name(), new PartResult.Output("1")));
        answer(me().complete(DEFERRING_SINGLE, part.name(), new PartResult.Output("2")));

        Snapshot.Ending ending = answer(store().find(part.id())).orElseThrow().ending().orElseThrow();
        assertThat(ending.late()).isOne();
        assertThat(ending.lateOutput()).contains("1");
        assertThat(ending.output()).isEmpty();
    }

    @Test
    default void tellsARepeatedOutput_whereThereIsOnePart() {
        Part part = accepted(me(), DEFERRING_SINGLE, SingleContract.request("0-x"));
        assertThat(answer(store().hasOutput(part.name()))).isFalse();

        Delivery delivery = ended(answer(me().complete(DEFERRING_SINGLE, part.name(), new PartResult.Output("1"))));

        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, new PartResult.Output("1")));
        assertThat(answer(store().hasOutput(part.name()))).isTrue();
        assertThat(answer(me().complete(DEFERRING_SINGLE, part.name(), new PartResult.Output("1")))).isEqualTo(REPEATED_OUTPUT);
        assertThat(answer(me().complete(DEFERRING_SINGLE, part.name(), new PartResult.Output("7")))).isEqualTo(CONFLICT);
        assertThat(answer(store().find(part.id())).orElseThrow().ending().orElseThrow().late()).isZero();
    }

    @Test
    default void takesAnOutput_whenThePartIsStillInAJournal() {
        Part part = acceptedDeferring(last("a", 1));

        Delivery delivery = ended(complete(other(), part, output(1)));

        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, output(1)));
        assertThat(answer(store().hasOutput(part.name()))).isTrue();
    }

    @Test
    default void isLost_whateverComesOfAPartThatWasCompletedInItsJournal() {
        Part first = acceptedDeferring(packet("a", 1));
        Part second = acceptedDeferring(packet("a", 2));
        Part third = acceptedDeferring(packet("a", 3));
        acceptedDeferring(last("a", 4));
        List.of(first, second, third).forEach(part -> assertThat(complete(part, output(part.index()))).isEqualTo(TAKEN));

        assertThat(defer(first)).isEqualTo(CollateContract.LOST);
        assertThat(answer(me().collate(DEFERRING, second, output(7)))).isEqualTo(CollateContract.LOST);
        assertThat(answer(me().collate(DEFERRING, third, StoreFixture.failure(3)))).isEqualTo(CollateContract.LOST);

        assertThat(snapshot("a").progress().processed()).isEqualTo(3);
        assertThat(snapshot("a").progress().waiting()).isZero();
        assertThat(answer(me().journal("", 10))).extracting(Part::index).containsExactly(4);
    }

    @Test
    default void isLost_whenItsCompletionEndedTheCollation() {
        Part part = acceptedDeferring(last("a", 1));
        complete(part, output(1));

        assertThat(answer(me().collate(DEFERRING, part, output(7)))).isEqualTo(CollateContract.LOST);

        assertThat(snapshot("a").ending().orElseThrow().late()).isZero();
        assertThat(answer(me().inFlight())).hasSize(1);
    }

    @Test
    default void isLost_whenTheFlowDefersNoMore() {
        Part part = acceptedDeferring(packet("a", 1));
        complete(part, output(1));

        assertThat(answer(me().collate(PACKETS, part, output(7)))).isEqualTo(CollateContract.LOST);
        assertThat(snapshot("a").progress().processed()).isOne();
    }

    @Test
    default void goesOn_whenAnOutputIsTooLargeAndThePartIsInAJournal() {
        Part part = acceptedDeferring(last("a", 1));

        assertThat(complete(part, new PartResult.Output("1".repeat(21)))).isEqualTo(new Completion.TooLarge(Optional.empty()));

        assertThat(outcome(ended(answer(me().collate(DEFERRING, part, output(1))))).completed()).isTrue();
    }

    @Test
    default void tellsARepeatFromAnotherOutput_whenThePartIsNotPutOffYet() {
        Part part = acceptedDeferring(last("a", 1));
        complete(part, output(1));

        assertThat(complete(part, output(1))).isEqualTo(REPEATED_OUTPUT);
        assertThat(complete(part, output(7))).isEqualTo(CONFLICT);
    }

    @Test
    default void isGone_whenThePartHasFailed() {
        Part part = acceptedDeferring(packet("a", 1));
        acceptedDeferring(last("a", 2));
        answer(me().collate(DEFERRING, part, StoreFixture.failure(1)));

        assertThat(complete(part, output(1))).isEqualTo(GONE);
        assertThat(snapshot("a").progress().failed()).isOne();
    }

    @Test
    default void takesEachItsOwn_whenManyAreCompletedTogether() {
        List<Part> parts = IntStream.rangeClosed(1, 3)
                .mapToObj(i -> parked(i == 3 ? last("a", 3) : packet("a", i))).toList();

        List<Completion> completions = together(parts,
                part -> me().complete(DEFERRING, part.name(), (PartResult.Output) output(part.index())));

        assertThat(completions.subList(0, 2)).containsOnly(TAKEN);
        assertThat(outcome(ended(completions.get(2))).results()).containsExactly(new Collected(1, output(1)),
                new Collected(2, output(2)), new Collected(3, output(3)));
    }

    @Test
    default void isNotOverdue_beforeItsTimeIsUp() {
        Part part = parked(last("a", 1));
        advance(COMPLETION.minusMinutes(1));

        assertThat(overdue()).isEmpty();
        assertThat(woken(part)).isEmpty();
    }

    @Test
    default void isOverdue_whenItsTimeIsUp() {
        Part part = parked(last("a", 1));
        assertThat(answer(me().tick(1)).next()).hasValueSatisfying(next -> ForesightContract.isAbout(COMPLETION, next));
        advance(COMPLETION);

        assertThat(overdue()).containsExactly(due(part));
        assertThat(answer(other().tick(1)).overdue()).containsExactly(due(part));
    }

    @Test
    default void isInTheJournalAgain_whenItIsWoken() {
        Part part = acceptedDeferring(last("a", 1));
        defer(part, 3);
        advance(COMPLETION);

        List<Part> woken = answer(other().wake(due(part), 100));

        assertThat(woken).hasSize(1).isEqualTo(answer(other().journal("", 10)));
        assertThat(woken.get(0).name()).isEqualTo(part.name());
        assertThat(woken.get(0).attempts()).isEqualTo(3);
        assertThat(woken.get(0).body()).isEqualTo(part.body());
        assertThat(snapshot("a").progress().waiting()).isZero();
        assertThat(overdue()).isEmpty();
        assertThat(woken(part)).isEmpty();
    }

    @Test
    default void keepsItsAttempts_whenItChangesHands() {
        Part part = acceptedDeferring(last("a", 1));
        defer(part, 3);
        advance(COMPLETION);
        woken(part);
        answer(me().leave());

        answer(other().takeOver(me().replica(), 10));

        assertThat(answer(other().journal("", 10))).extracting(Part::attempts, Part::deaths, Part::body)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(3, 0, part.body()));
    }

    @Test
    default void takesTheOutput_whenItComesAfterThePartWasWoken() {
        Part part = parked(last("a", 1));
        advance(COMPLETION);
        Part again = woken(part).get(0);

        Delivery delivery = ended(complete(part, output(1)));

        assertThat(defer(again)).isEqualTo(CollateContract.LOST);
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, output(1)));
    }

    @Test
    default void wakesNoMoreThanAsked_andTheRestLater() {
        List<Part> parts = IntStream.rangeClosed(1, 3).mapToObj(i -> parked(packet("a", i))).toList();
        advance(COMPLETION);

        assertThat(answer(me().wake(due(parts.get(0)), 2))).hasSize(2);
        assertThat(overdue()).containsExactly(due(parts.get(0)));
        assertThat(answer(me().wake(due(parts.get(0)), 2))).hasSize(1);
        assertThat(overdue()).isEmpty();
    }

    @Test
    default void wakesOnlyWhatIsOverdue() {
        Part first = parked(packet("a", 1));
        advance(COMPLETION.dividedBy(2));
        parked(packet("a", 2));
        advance(COMPLETION.dividedBy(2));

        assertThat(woken(first)).extracting(Part::index).containsExactly(1);
        assertThat(answer(me().tick(1)).next())
                .hasValueSatisfying(next -> ForesightContract.isAbout(COMPLETION.dividedBy(2), next));
    }

    @Test
    default void wakesNothing_whenItsOutputCame() {
        Part part = parked(packet("a", 1));
        complete(part, output(1));
        advance(COMPLETION);

        assertThat(overdue()).isEmpty();
        assertThat(woken(part)).isEmpty();
    }

    @Test
    default void wakesNothing_atTheDeadline() {
        Part part = parked(packet("a", 1));
        advance(DEADLINE);

        assertThat(woken(part)).isEmpty();
        assertThat(overdue()).isEmpty();
        assertThat(expired(due(part))).isPresent();
    }

    @Test
    default void refusesMore_whenTooManyAreWaiting() {
        List<Part> parts = IntStream.rangeClosed(1, 3).mapToObj(i -> parked(packet("a", i))).toList();

        assertThat(answer(me().accept(DEFERRING, packet("a", 4)))).isEqualTo(refused(Refusal.HELD_UP));
        complete(parts.get(0), output(1));
        assertThat(answer(me().accept(DEFERRING, packet("a", 4)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void makesRoom_whenACollationWithWaitingPartsEnds() {
        List<Part> parts = IntStream.rangeClosed(1, 3).mapToObj(i -> parked(packet("a", i))).toList();
        advance(DEADLINE);
        expired(due(parts.get(0)));

        assertThat(answer(me().accept(DEFERRING, packet("b", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void makesRoom_whenACollationWithWaitingPartsIsDropped() {
        IntStream.rangeClosed(1, 3).forEach(i -> parked(packet("a", i)));
        answer(store().drop(id("a")));
        advance(COMPLETION);

        assertThat(overdue()).isEmpty();
        assertThat(answer(me().accept(DEFERRING, packet("b", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void fails_whenItsOutputWouldBeTooMuchTogetherWithTheOthers() {
        Part first = parked(packet("a", 1));
        Part second = parked(last("a", 2));
        complete(first, new PartResult.Output("\"123456789012\""));

        Completion completion = complete(second, new PartResult.Output("\"12345\""));

        assertThat(completion).isInstanceOf(Completion.TooLarge.class);
        Delivery delivery = ((Completion.TooLarge) completion).delivery().orElseThrow();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, new PartResult.Output("\"123456789012\"")),
                new Collected(2, new PartResult.Failure("the outputs of all parts together are larger than 20 bytes")));
    }

    @Test
    default void completes_whenTheOutputsAreAsMuchAsTheyMayBe() {
        Part part = parked(last("a", 1));

        assertThat(outcome(ended(complete(part, new PartResult.Output("\"123456789012345678\"")))).completed()).isTrue();
    }

    @Test
    default void countsBytes_notCharacters() {
        Part part = acceptedDeferring(last("a", 1));

        Delivery delivery = ended(answer(me().collate(DEFERRING, part, new PartResult.Output("\"ééééééééé\""))));
        assertThat(outcome(delivery).completed()).isTrue();

        Part more = acceptedDeferring(last("b", 1));
        assertThat(outcome(ended(answer(me().collate(DEFERRING, more, new PartResult.Output("\"éééééééééé\""))))).completed())
                .isFalse();
    }

    @Test
    default void losesTheRightToComplete_whenItIsDeclaredDead() {
        Part part = parked(last("a", 1));
        fallSilent(me(), other());
        answer(other().takeOver(me().replica(), 10));

        assertExpelled(me().complete(DEFERRING, part.name(), (PartResult.Output) output(1)));
        assertExpelled(me().wake(due(part), 1));
        assertThat(complete(other(), part, output(1))).isInstanceOf(Completion.Taken.class);
    }

    @Test
    default void sharesOneSecret() {
        assertThat(me().secret()).isNotBlank().isEqualTo(other().secret());
    }

    @Test
    default void closes_whenTheGapTimesOutAndPartsAreWaiting() {
        Part part = parked(last("a", 2));
        advance(GAP);

        assertThat(expired(due(part))).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.CLOSING);
        assertThat(outcome(ended(complete(part, output(2)))).completed()).isFalse();
    }

    @Test
    default void isCounted_inNoJournal_whileItWaits() {
        Flow small = new Flow("packets", DEFERRING.shape(), new Limits(1, 10, 1000, 10, 1000, 100), DEFERRING.times());
        Part part = accepted(me(), small, packet("a", 1));
        assertThat(answer(me().accept(small, packet("a", 2)))).isEqualTo(refused(Refusal.OVER_CAPACITY));

        answer(me().collate(small, part, new PartResult.Deferred(1)));

        assertThat(answer(me().accept(small, packet("a", 2)))).isInstanceOf(Acceptance.Accepted.class);
        assertThat(Duration.between(snapshot("a").times().created(), snapshot("a").times().deadline())).isEqualTo(DEADLINE);
    }
}
