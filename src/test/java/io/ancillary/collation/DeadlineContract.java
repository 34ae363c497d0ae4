package io.ancillary.collation;

import static io.ancillary.collation.AcceptContract.refused;
import static io.ancillary.collation.Attempts.attempt;
import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.otherContent;
import static io.ancillary.collation.StoreFixture.output;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Snapshot.State;

/** At its deadline a collation ends, whatever is missing or unfinished, and what comes then comes too late. */
interface DeadlineContract extends StoreFixture {
    PartResult UNFINISHED = new PartResult.Failure(Collected.DEADLINE);

    /** A resource of which packet 1 is settled and 2 unfinished, at its deadline. */
    default List<Part> halfDone(String resource) {
        List<Part> parts = acceptedAll(resource, 1, 2);
        collate(parts.get(0));
        advance(DEADLINE);
        return parts;
    }

    @Test
    default void mustHaveEnded_aDeadlineAfterTheFirstPacket() {
        accepted(packet("a", 1));
        advance(Duration.ofHours(1));

        accepted(packet("a", 2));

        Snapshot.Times times = snapshot("a").times();
        assertThat(Duration.between(times.created(), times.deadline())).isEqualTo(DEADLINE);
        assertThat(times.updated()).isCloseTo(times.created().plus(1, ChronoUnit.HOURS), within(20, ChronoUnit.SECONDS));
    }

    @Test
    default void isNotFound_beforeItsDeadline() {
        Part part = accepted(packet("a", 1));
        advance(DEADLINE.minusMinutes(1));

        assertThat(found()).isEmpty();
        assertThat(expired(due(part))).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.COLLECTING);
    }

    @Test
    default void isFound_atItsDeadline() {
        Part part = accepted(packet("a", 1));
        advance(DEADLINE);

        assertThat(found()).containsExactly(due(part));
        assertThat(answer(other().tick(1)).dueCollations()).containsExactly(due(part));
    }

    @Test
    default void findsTheEarliestFirst_whenMoreAreDueThanAsked() {
        Part first = accepted(packet("b", 1));
        advance(Duration.ofMinutes(1));
        accepted(packet("a", 1));
        advance(DEADLINE);

        assertThat(answer(me().tick(1)).dueCollations()).containsExactly(due(first));
    }

    @Test
    default void endsIncomplete_atItsDeadline() {
        Part part = accepted(packet("a", 3));
        advance(DEADLINE);

        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(delivery).isEqualTo(new Delivery(delivery.id(), id("a"), part.generation(), 3, 0, 0, Optional.empty()));
        assertThat(snapshot("a").state()).isEqualTo(State.INCOMPLETE);
        assertThat(snapshot("a").ending().orElseThrow().byDeadline()).isTrue();
        assertThat(snapshot("a").ending().orElseThrow().delivery().id()).isEqualTo(delivery.id());
    }

    @Test
    default void isInFlightAtWhoExpiredIt() {
        Part part = accepted(packet("a", 1));
        advance(DEADLINE);

        Delivery delivery = answer(other().expire(due(part))).orElseThrow();

        assertThat(answer(other().inFlight())).containsExactly(delivery.id());
        assertThat(answer(me().inFlight())).isEmpty();
        assertThat(answer(store().pending(delivery.id()))).contains(delivery);
    }

    @Test
    default void endsNotByItsDeadline_whenEverythingIsIn() {
        ended("a");

        assertThat(snapshot("a").ending().orElseThrow().byDeadline()).isFalse();
    }

    @Test
    default void saysDeadline_forWhatWasReceivedAndIsUnfinished() {
        List<Part> parts = halfDone("a");

        Delivery delivery = expired(due(parts.get(0))).orElseThrow();

        assertThat(outcome(delivery).completed()).isFalse();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, output(1)), new Collected(2, UNFINISHED));
    }

    @Test
    default void saysNothing_forWhatWasNeverReceived() {
        accepted(packet("a", 2));
        Part part = accepted(last("a", 5));
        collate(accepted(packet("a", 3)));
        advance(DEADLINE);

        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(outcome(delivery).size()).isEqualTo(5);
        assertThat(outcome(delivery).results()).containsExactly(new Collected(2, UNFINISHED), new Collected(3, output(3)),
                new Collected(5, UNFINISHED));
        assertThat(answer(store().missing(snapshot("a"), 10))).containsExactly(1, 4);
    }

    @Test
    default void saysDeadline_whereverTheDigestIsKept() {
        List<Part> parts = acceptedAll("a", 1, 330);
        List<Integer> unfinished = List.of(1, 64, 65, 192, 193, 320, 321, 330);
        together(parts.stream().filter(part -> !unfinished.contains(part.index())).toList(),
                part -> me().collate(PACKETS, part, output(0)));
        advance(DEADLINE);

        Outcome outcome = outcome(expired(due(parts.get(0))).orElseThrow());

        assertThat(outcome.results()).hasSize(330).extracting(Collected::index).isSorted();
        assertThat(outcome.results()).filteredOn(it -> it.result().equals(UNFINISHED)).extracting(Collected::index)
                .isEqualTo(unfinished);
    }

    @Test
    default void doesNothing_whenItExpiresTwice() {
        Part part = accepted(packet("a", 1));
        advance(DEADLINE);
        expired(due(part));

        assertThat(answer(other().expire(due(part)))).isEmpty();
        assertThat(answer(other().inFlight())).isEmpty();
        assertThat(answer(me().inFlight())).hasSize(1);
    }

    @Test
    default void isLate_whenItsResultComesAfterTheDeadline() {
        List<Part> parts = halfDone("a");
        Delivery delivery = expired(due(parts.get(0))).orElseThrow();
        Outcome before = outcome(delivery);

        assertThat(collate(parts.get(1))).isEqualTo(new Collated.Late());

        assertThat(outcome(delivery).results()).isEqualTo(before.results());
        assertThat(snapshot("a").progress().processed()).isOne();
        assertThat(snapshot("a").ending().orElseThrow().late()).isOne();
        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
        assertThat(answer(me().journal("", 10))).isEmpty();
    }

    @Test
    default void isLateOnce_whenItComesTwice() {
        List<Part> parts = halfDone("a");
        expired(due(parts.get(0)));
        collate(parts.get(1));

        assertThat(collate(parts.get(1))).isEqualTo(CollateContract.LOST);
        assertThat(snapshot("a").ending().orElseThrow().late()).isOne();
    }

    @Test
    default void countsEachLateResult_failuresToo() {
        List<Part> parts = acceptedAll("a", 1, 3);
        advance(DEADLINE);
        expired(due(parts.get(0)));

        collate(parts.get(0));
        fail(parts.get(2));

        assertThat(snapshot("a").ending().orElseThrow().late()).isEqualTo(2);
        assertThat(snapshot("a").progress().failed()).isZero();
    }

    @Test
    default void isLate_whenTheOutcomeIsDelivered() {
        List<Part> parts = halfDone("a");
        Delivery delivery = expired(due(parts.get(0))).orElseThrow();
        answer(me().settle(delivery, new Settlement.Delivered(attempt(""))));

        assertThat(collate(parts.get(1))).isEqualTo(new Collated.Late());
        assertThat(snapshot("a").isDelivered()).isTrue();
    }

    @Test
    default void isStale_whenTheExpiredWasDropped() {
        List<Part> parts = halfDone("a");
        expired(due(parts.get(0)));
        answer(store().drop(id("a")));

        assertThat(collate(parts.get(1))).isEqualTo(CollateContract.STALE);
    }

    @Test
    default void endsByItsDeadline_whenTheResultComesBeforeAnybodyLooked() {
        List<Part> parts = halfDone("a");

        assertThat(collate(parts.get(1))).isEqualTo(new Collated.Late());

        assertThat(snapshot("a").ending()).isEmpty();
        Delivery delivery = expired(due(parts.get(0))).orElseThrow();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(1, output(1)), new Collected(2, UNFINISHED));
        assertThat(snapshot("a").ending().orElseThrow().late()).isOne();
    }

    @Test
    default void takesNothingNew_atItsDeadline() {
        accepted(packet("a", 1));
        advance(DEADLINE);

        assertThat(accept(packet("a", 2))).isEqualTo(refused(Refusal.RESOURCE_FINISHED));
        assertThat(accept(packet("a", 1))).isEqualTo(AcceptContract.REPEATED);
    }

    @Test
    default void answersAsFinished_whenItExpired() {
        Part part = accepted(packet("a", 1));
        advance(DEADLINE);
        expired(due(part));

        assertThat(accept(packet("a", 1))).isEqualTo(AcceptContract.REPEATED);
        assertThat(accept(otherContent(packet("a", 1)))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
        assertThat(accept(packet("a", 2))).isEqualTo(refused(Refusal.RESOURCE_FINISHED));
    }

    @Test
    default void makesRoomForAnother_whenItExpired() {
        Flow flow = AcceptContract.TWO_OPEN;
        Part part = accepted(me(), flow, packet("a", 1));
        accepted(me(), flow, packet("b", 1));
        advance(DEADLINE);
        expired(due(part));

        assertThat(answer(me().accept(flow, packet("c", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void doesNothing_whenItEndedAndIsUndelivered() {
        Delivery delivery = waiting("a", Duration.ofDays(7));
        advance(DEADLINE);
        assertThat(found()).containsExactly(due(delivery));

        assertThat(expired(due(delivery))).isEmpty();

        assertThat(found()).isEmpty();
        assertThat(answer(store().pending(delivery.id()))).isPresent();
        assertThat(snapshot("a").ending().orElseThrow().byDeadline()).isFalse();
    }

    @Test
    default void isRemovedAfterItsRetention_whenItsDeadlinePassedUndelivered() {
        Delivery delivery = waiting("a", Duration.ofDays(7));
        advance(DEADLINE);
        expired(due(delivery));
        answer(me().settle(delivery, new Settlement.Delivered(attempt(""))));
        advance(SETTINGS.retention());
        assertThat(found()).containsExactly(due(delivery));

        expired(due(delivery));

        assertThat(answer(store().find(id("a")))).isEmpty();
    }

    @Test
    default void sparesANewLife_whenTheOldOneExpires() {
        Part before = accepted(packet("a", 1));
        answer(store().drop(id("a")));
        accepted(packet("a", 1));
        advance(DEADLINE);

        assertThat(expired(due(before))).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.COLLECTING);
    }

    @Test
    default void isNotFound_whenDropped() {
        accepted(packet("a", 1));
        answer(store().drop(id("a")));
        advance(DEADLINE);

        assertThat(found()).isEmpty();
    }
}
