package io.ancillary.collation;

import static io.ancillary.collation.StoreFixture.DEADLINE;
import static io.ancillary.collation.StoreFixture.failure;
import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.output;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.DeadPart.Place;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Snapshot.State;

/** A collation that is held stays open for a part that failed, until that is retried or the deadline comes. */
interface HoldContract extends StoreFixture {
    Flow HELD = new Flow("packets", new Shape(false, 1, false, true, false), new Limits(2000, 2000, 1000, 2000, 1000, 1000),
            new Times(DEADLINE, GAP, COMPLETION));

    default Part acceptedHeld(Arrival arrival) {
        return accepted(me(), HELD, arrival);
    }

    default Collated collateHeld(Part part, PartResult result) {
        return answer(me().collate(HELD, part, result));
    }

    /** A part that failed of a resource that is held. */
    default Part died(Arrival arrival) {
        Part part = acceptedHeld(arrival);
        assertThat(collateHeld(part, failure(part.index()))).isEqualTo(CollateContract.ADDED);
        return part;
    }

    default List<DeadPart> deadParts() {
        return answer(store().deadParts(Place.START, 100));
    }

    default Optional<Part> retried(Part part) {
        return answer(me().retry(part.name()));
    }

    @Test
    default void takesNothingNew_whileAsManyPartsAreDeadAsAreAllowed() {
        Flow flow = new Flow("packets", HELD.shape(), new Limits(2000, 2000, 2, 2000, 1000, 1000), HELD.times());
        for (String resource : List.of("a", "b")) {
            answer(me().collate(flow, accepted(me(), flow, last(resource, 1)), failure(1)));
        }

        assertThat(answer(me().accept(flow, packet("c", 1))))
                .isEqualTo(new Acceptance.Refused(Acceptance.Refusal.HELD_UP));

        answer(store().drop(id("a")));
        assertThat(answer(me().accept(flow, packet("c", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void countsNoPartAsDead_onceItsCollationEnded() {
        Flow flow = new Flow("packets", HELD.shape(), new Limits(2000, 2000, 1, 2000, 1000, 1000), HELD.times());
        Part part = accepted(me(), flow, last("a", 1));
        answer(me().collate(flow, part, failure(1)));
        advance(flow.times().deadline());
        expired(due(part));

        assertThat(answer(me().accept(flow, packet("c", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void staysOpen_whenAPartFailed() {
        died(last("a", 1));

        assertThat(snapshot("a").state()).isEqualTo(State.COLLECTING);
        assertThat(snapshot("a").ending()).isEmpty();
        assertThat(snapshot("a").progress().failed()).isOne();
        assertThat(answer(store().failures(snapshot("a"), 10))).containsExactly(new Collected(1, failure(1)));
        assertThat(answer(me().inFlight())).isEmpty();
    }

    @Test
    default void listsADeadPart() {
        Part part = died(last("a", 1));

        assertThat(deadParts()).extracting(DeadPart::name, DeadPart::error)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(part.name(), "no output for 1"));
        assertThat(Duration.between(snapshot("a").times().created(), deadParts().get(0).failedAt()))
                .isBetween(Duration.ZERO, Duration.ofSeconds(20));
    }

    @Test
    default void isInTheJournalAgain_whenItIsRetried() {
        Part part = died(last("a", 1));

        Part again = answer(other().retry(part.name())).orElseThrow();

        assertThat(answer(other().journal("", 10))).containsExactly(again);
        assertThat(again.name()).isEqualTo(part.name());
        assertThat(again.body()).isEqualTo(part.body());
        assertThat(again.attempts()).isZero();
        assertThat(deadParts()).isEmpty();
        assertThat(snapshot("a").progress().failed()).isZero();
    }

    @Test
    default void completes_whenTheRetryHasAnOutput() {
        Part again = retried(died(last("a", 1))).orElseThrow();

        Delivery delivery = ended(collateHeld(again, output(1)));

        assertThat(snapshot("a").state()).isEqualTo(State.COMPLETED);
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, output(1)));
    }

    @Test
    default void isDeadAgain_whenTheRetryFails() {
        Part again = retried(died(last("a", 1))).orElseThrow();

        assertThat(collateHeld(again, failure(7))).isEqualTo(CollateContract.ADDED);

        assertThat(deadParts()).extracting(DeadPart::error).containsExactly("no output for 7");
        assertThat(snapshot("a").progress().failed()).isOne();
    }

    @Test
    default void isRetriedOnce_whenItIsAskedForTwice() {
        Part part = died(last("a", 1));

        assertThat(retried(part)).isPresent();
        assertThat(retried(part)).isEmpty();
        assertThat(answer(me().journal("", 10))).hasSize(1);
    }

    @Test
    default void isNotRetried_whenItIsNotDead() {
        Part part = acceptedHeld(packet("a", 1));
        Part done = acceptedHeld(packet("a", 2));
        collateHeld(done, output(2));

        assertThat(retried(part)).isEmpty();
        assertThat(retried(done)).isEmpty();
        assertThat(answer(me().retry(new PartName(id("nobody"), "g", 1)))).isEmpty();
    }

    @Test
    default void waitsForEveryDeadPart() {
        Part first = died(packet("a", 1));
        Part second = died(last("a", 2));

        assertThat(collateHeld(retried(first).orElseThrow(), output(1))).isEqualTo(CollateContract.ADDED);
        assertThat(deadParts()).extracting(DeadPart::name).containsExactly(second.name());

        ended(collateHeld(retried(second).orElseThrow(), output(2)));
    }

    @Test
    default void endsIncomplete_atItsDeadline_sayingWhatFailed() {
        Part part = died(packet("a", 1));
        acceptedHeld(last("a", 2));
        advance(DEADLINE);

        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, failure(1)),
                new Collected(2, new PartResult.Failure(Collected.DEADLINE)));
        assertThat(deadParts()).isEmpty();
    }

    @Test
    default void isNotRetried_atTheDeadline() {
        Part part = died(last("a", 1));
        advance(DEADLINE);

        assertThat(retried(part)).isEmpty();
        assertThat(expired(due(part))).isPresent();
        assertThat(retried(part)).isEmpty();
    }

    @Test
    default void closesButDoesNotEnd_whenTheGapTimesOut() {
        Part part = died(last("a", 2));
        advance(GAP);

        assertThat(expired(due(part))).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.CLOSING);

        Delivery delivery = ended(collateHeld(retried(part).orElseThrow(), output(2)));
        assertThat(outcome(delivery).completed()).isFalse();
        assertThat(answer(store().missing(snapshot("a"), 10))).containsExactly(1);
    }

    @Test
    default void listsNothing_whenItsCollationIsDropped() {
        Part part = died(last("a", 1));
        answer(store().drop(id("a")));

        assertThat(deadParts()).isEmpty();
        assertThat(retried(part)).isEmpty();
    }

    @Test
    default void takesAnOutput_whenThePartIsDead() {
        Part part = died(last("a", 1));

        Completion completion = answer(me().complete(HELD, part.name(), (PartResult.Output) output(1)));

        assertThat(outcome(DeferralContract.ended(completion)).completed()).isTrue();
        assertThat(deadParts()).isEmpty();
    }

    @Test
    default void isDead_whenItsOutputWouldBeTooMuch() {
        Part part = acceptedHeld(last("a", 1));
        collateHeld(part, new PartResult.Deferred(1));
        PartResult.Output tooMuch = new PartResult.Output("1".repeat(1001));

        assertThat(answer(me().complete(HELD, part.name(), tooMuch)))
                .isEqualTo(new Completion.TooLarge(Optional.empty()));

        assertThat(deadParts()).extracting(DeadPart::name).containsExactly(part.name());
        assertThat(retried(part).orElseThrow().body()).isEqualTo(part.body());
    }

    @Test
    default void isDeadAgain_whenItsLateOutputWouldBeTooMuch() {
        Part part = died(last("a", 1));

        answer(me().complete(HELD, part.name(), new PartResult.Output("1".repeat(1001))));

        assertThat(deadParts()).extracting(DeadPart::error)
                .containsExactly("the outputs of all parts together are larger than 1000 bytes");
        assertThat(snapshot("a").progress().failed()).isOne();
    }

    @Test
    default void wakesNoDeadPart_everByItself() {
        died(packet("a", 1));
        advance(DEADLINE.minusMinutes(1));

        assertThat(answer(me().tick(10)).overdue()).isEmpty();
    }

    @Test
    default void listsAllOnce_pageByPage() {
        for (String resource : List.of("a", "b", "c")) {
            IntStream.rangeClosed(1, 4).forEach(index -> died(packet(resource, index)));
            advance(Duration.ofMinutes(1));
        }

        List<DeadPart> all = deadParts();
        assertThat(all).hasSize(12).doesNotHaveDuplicates();
        assertThat(all).extracting(part -> part.name().id().resource()).startsWith("c", "c", "c", "c", "b");
        for (int limit = 1; limit <= 12; limit++) {
            List<DeadPart> paged = new ArrayList<>();
            Place after = Place.START;
            List<DeadPart> page = answer(store().deadParts(after, limit));
            while (!page.isEmpty()) {
                assertThat(page).hasSizeLessThanOrEqualTo(limit);
                paged.addAll(page);
                page = answer(store().deadParts(page.get(page.size() - 1).place(), limit));
            }
            assertThat(paged).isEqualTo(all);
        }
    }

    @Test
    default void doesNotHold_whereNobodyAskedFor() {
        assertThat(answer(me().collate(PACKETS, accepted(last("a", 1)), failure(1)))).isInstanceOf(Collated.Ended.class);
        assertThat(deadParts()).isEmpty();
    }

    @Test
    default void takesOver_whatIsRetriedBySomebodyWhoFallsSilent() {
        Part part = died(last("a", 1));
        retried(part);
        answer(me().leave());

        answer(other().takeOver(me().replica(), 10));

        assertThat(answer(other().journal("", 10))).extracting(Part::name).containsExactly(part.name());
    }
}
