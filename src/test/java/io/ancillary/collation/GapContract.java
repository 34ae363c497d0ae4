package io.ancillary.collation;

import static io.ancillary.collation.AcceptContract.refused;
import static io.ancillary.collation.DeadlineContract.UNFINISHED;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.otherContent;
import static io.ancillary.collation.StoreFixture.output;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Snapshot.State;

/** While packets are missing though the last one is in, a collation waits for them no longer than the gap timeout. */
interface GapContract extends StoreFixture {

    /** The last of three, and nothing else yet. */
    default Part gapped(String resource) {
        return accepted(last(resource, 3));
    }

    /** Closed to new packets, with packets 2 and 3 received and unfinished. */
    default Part closing(String resource) {
        accepted(packet(resource, 2));
        Part last = gapped(resource);
        advance(GAP);
        assertThat(expired(due(last))).isEmpty();
        return last;
    }

    default Part held(int index) {
        return answer(me().journal("", 100)).stream().filter(part -> part.index() == index).findAny().orElseThrow();
    }

    @Test
    default void isNotFound_beforeTheGapTimesOut() {
        Part part = gapped("a");
        advance(GAP.minusMinutes(1));

        assertThat(found()).isEmpty();
        assertThat(expired(due(part))).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.COLLECTING);
    }

    @Test
    default void isFound_whenTheGapTimesOut() {
        Part part = gapped("a");
        advance(GAP);

        assertThat(found()).containsExactly(due(part));
    }

    @Test
    default void countsTheGap_fromTheLastPacketOn() {
        accepted(packet("a", 1));
        advance(GAP);
        Part part = gapped("a");
        advance(GAP.minusMinutes(1));
        assertThat(found()).isEmpty();

        advance(Duration.ofMinutes(1));

        assertThat(found()).containsExactly(due(part));
    }

    @Test
    default void countsTheGap_notFromPacketsThatComeIn() {
        Part part = gapped("a");
        advance(GAP.dividedBy(2));
        accepted(packet("a", 1));
        advance(GAP.dividedBy(2));

        assertThat(found()).containsExactly(due(part));
    }

    @Test
    default void hasNoGap_whenNoPacketSaysItIsTheLast() {
        accepted(packet("a", 3));
        advance(GAP);

        assertThat(found()).isEmpty();
    }

    @Test
    default void hasNoGap_whenTheLastPacketFillsIt() {
        acceptedAll("a", 1, 3);
        advance(GAP);

        assertThat(found()).isEmpty();
        assertThat(answer(me().tick(1)).next())
                .hasValueSatisfying(next -> ForesightContract.isAbout(DEADLINE.minus(GAP), next));
    }

    @Test
    default void waitsForItsDeadline_whenTheGapIsFilled() {
        gapped("a");
        accepted(packet("a", 2));
        Part filling = accepted(packet("a", 1));
        advance(GAP);
        assertThat(found()).isEmpty();

        advance(DEADLINE.minus(GAP));

        assertThat(found()).containsExactly(due(filling));
    }

    @Test
    default void isFoundAtItsDeadline_whenThatIsSoonerThanTheGap() {
        accepted(packet("a", 1));
        advance(DEADLINE.minus(GAP.dividedBy(2)));
        Part part = gapped("a");
        advance(GAP.dividedBy(2));

        assertThat(found()).containsExactly(due(part));
        assertThat(expired(due(part))).isPresent();
    }

    @Test
    default void hasAGap_whenTheFlowBeginsAtZeroAndThatIsMissing() {
        Flow flow = AcceptContract.FROM_ZERO;
        Part part = accepted(me(), flow, last("a", 1));
        advance(GAP);

        assertThat(found()).containsExactly(due(part));
    }

    @Test
    default void endsAtOnce_whenTheGapTimesOutAndAllReceivedIsSettled() {
        Part part = gapped("a");
        collate(part);
        advance(GAP);

        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(snapshot("a").state()).isEqualTo(State.INCOMPLETE);
        assertThat(outcome(delivery).results()).containsExactly(new Collected(3, output(3)));
        assertThat(outcome(delivery).size()).isEqualTo(3);
        assertThat(snapshot("a").ending().orElseThrow().byDeadline()).isFalse();
        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
    }

    @Test
    default void endsAtOnce_whenTheGapTimesOutAndAllReceivedFailed() {
        Part part = gapped("a");
        fail(part);
        advance(GAP);

        assertThat(expired(due(part))).isPresent();
    }

    @Test
    default void closes_whenTheGapTimesOutAndReceivedPartsAreUnfinished() {
        closing("a");

        assertThat(snapshot("a").state()).isEqualTo(State.CLOSING);
        assertThat(snapshot("a").ending()).isEmpty();
        assertThat(answer(me().inFlight())).isEmpty();
    }

    @Test
    default void refusesANewPacket_whenClosing() {
        closing("a");

        assertThat(accept(packet("a", 1))).isEqualTo(refused(Refusal.RESOURCE_FINISHED));
        assertThat(snapshot("a").progress().received()).isEqualTo(2);
    }

    @Test
    default void tellsRepeatFromConflict_whenClosing() {
        closing("a");

        assertThat(accept(packet("a", 2))).isEqualTo(AcceptContract.REPEATED);
        assertThat(accept(otherContent(packet("a", 2)))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
    }

    @Test
    default void awaitsEveryPartReceived_whenClosing() {
        Part part = closing("a");

        assertThat(collate(part)).isEqualTo(CollateContract.ADDED);
        assertThat(snapshot("a").state()).isEqualTo(State.CLOSING);
    }

    @Test
    default void endsIncomplete_whenClosingAndTheLastUnfinishedPartIsCollated() {
        Part part = closing("a");
        collate(part);

        Delivery delivery = ended(collate(held(2)));

        assertThat(snapshot("a").state()).isEqualTo(State.INCOMPLETE);
        assertThat(snapshot("a").ending().orElseThrow().byDeadline()).isFalse();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(2, output(2)), new Collected(3, output(3)));
        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
    }

    @Test
    default void endsIncomplete_whenClosingAndTheLastUnfinishedPartFails() {
        Part part = closing("a");
        collate(held(2));

        ended(fail(part));

        assertThat(snapshot("a").state()).isEqualTo(State.INCOMPLETE);
    }

    @Test
    default void isFoundAgainAtItsDeadline_whenClosing() {
        Part part = closing("a");
        assertThat(found()).isEmpty();
        advance(DEADLINE.minus(GAP).minusMinutes(1));
        assertThat(expired(due(part))).isEmpty();

        advance(Duration.ofMinutes(1));

        assertThat(found()).containsExactly(due(part));
    }

    @Test
    default void endsAtItsDeadline_whenClosingAndStillUnfinished() {
        Part part = closing("a");
        collate(held(2));
        advance(DEADLINE.minus(GAP));

        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(snapshot("a").ending().orElseThrow().byDeadline()).isTrue();
        assertThat(outcome(delivery).results()).containsExactly(new Collected(2, output(2)), new Collected(3, UNFINISHED));
        assertThat(collate(part)).isEqualTo(new Collated.Late());
    }

    @Test
    default void staysClosing_whenItExpiresTwice() {
        Part part = closing("a");

        assertThat(answer(other().expire(due(part)))).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.CLOSING);
    }

    @Test
    default void isOpenStill_whenClosing() {
        Flow flow = AcceptContract.TWO_OPEN;
        Part part = accepted(me(), flow, last("a", 3));
        accepted(me(), flow, packet("b", 1));
        advance(GAP);
        expired(due(part));

        assertThat(answer(me().accept(flow, packet("c", 1)))).isEqualTo(refused(Refusal.HELD_UP));
    }

    @Test
    default void isDropped_whenClosing() {
        Part part = closing("a");

        assertThat(answer(store().drop(part.id()))).isTrue();

        advance(DEADLINE);
        assertThat(found()).isEmpty();
        assertThat(collate(part)).isEqualTo(CollateContract.STALE);
    }

    @Test
    default void takesNothingNew_whenTheGapHasTimedOutAndNobodyHasLooked() {
        gapped("a");
        advance(GAP);

        assertThat(accept(packet("a", 1))).isEqualTo(refused(Refusal.RESOURCE_FINISHED));
        assertThat(accept(last("a", 3))).isEqualTo(AcceptContract.REPEATED);
    }

    @Test
    default void takesMore_whenTheGapHasNotTimedOut() {
        gapped("a");
        advance(GAP.minusMinutes(1));

        accepted(packet("a", 1));
        accepted(packet("a", 2));
        assertThat(snapshot("a").progress().received()).isEqualTo(3);
    }
}
