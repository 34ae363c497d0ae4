package io.ancillary.collation;

import static io.ancillary.collation.Attempts.attempt;
import static io.ancillary.collation.StoreFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Settlement.Delivered;
import io.ancillary.collation.Settlement.Failed;
import io.ancillary.collation.Settlement.Postponed;
import io.ancillary.collation.Snapshot.DeliveryState;

/** A delivery is in flight at one replica or waits for its next attempt, until somebody has made it. */
interface DeliveryContract extends StoreFixture {
    Duration SOON = Duration.ofMinutes(5);

    default DeliveryState deliveryOf(String resource) {
        return snapshot(resource).ending().orElseThrow().delivery();
    }

    @Test
    default void isInFlightAtTheReplicaThatEndedIt() {
        Delivery delivery = ended("a");

        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
        assertThat(answer(other().inFlight())).isEmpty();
        assertThat(answer(store().pending(delivery.id()))).contains(delivery);
        assertThat(deliveryOf("a")).isEqualTo(DeliveryState.begun(delivery.id()));
    }

    @Test
    default void pendsNot_whenTheIdIsUnknown() {
        assertThat(answer(store().pending("0-unknown-1"))).isEmpty();
    }

    @Test
    default void isDone_whenDelivered() {
        Delivery delivery = ended("a");

        assertThat(answer(me().settle(delivery, new Delivered(attempt(""))))).isTrue();
        assertThat(answer(me().inFlight())).isEmpty();
        assertThat(answer(store().pending(delivery.id()))).isEmpty();
        assertThat(deliveryOf("a").status()).isEqualTo("delivered");
        assertThat(deliveryOf("a").attempts()).isOne();
        assertThat(deliveryOf("a").deliveredAt()).isPresent();
    }

    @Test
    default void waitsForItsNextAttempt_whenItFailed() {
        Delivery delivery = ended("a");

        assertThat(answer(me().settle(delivery, new Failed(attempt("status 500"), SOON)))).isTrue();
        assertThat(answer(me().inFlight())).isEmpty();
        assertThat(answer(store().pending(delivery.id())).orElseThrow().attempts()).isOne();
        assertThat(deliveryOf("a").lastError()).contains("status 500");
        assertThat(deliveryOf("a").nextAttempt()).isPresent();
        assertThat(deliveryOf("a").status()).isEqualTo("pending");
    }

    @Test
    default void countsNoAttempt_whenPostponed() {
        Delivery delivery = ended("a");

        assertThat(answer(me().settle(delivery, new Postponed(SOON)))).isTrue();
        assertThat(deliveryOf("a").attempts()).isZero();
        assertThat(deliveryOf("a").lastError()).isEmpty();
        assertThat(deliveryOf("a").nextAttempt()).isPresent();
    }

    @Test
    default void addsUpAttempts_overSeveralTurns() {
        Delivery delivery = waiting("a", Duration.ZERO);
        answer(me().claim(List.of(delivery.id())));

        answer(me().settle(delivery, new Delivered(attempt(""))));

        assertThat(deliveryOf("a").attempts()).isEqualTo(2);
        assertThat(deliveryOf("a").lastError()).contains("status 500");
        assertThat(deliveryOf("a").nextAttempt()).isEmpty();
    }

    @Test
    default void ignoresAFailure_whenAnotherReplicaOwnsTheAttempt() {
        Delivery delivery = ended("a");

        assertThat(answer(other().settle(delivery, new Failed(attempt("timeout"), SOON)))).isFalse();
        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
        assertThat(deliveryOf("a").attempts()).isZero();
        assertThat(deliveryOf("a").nextAttempt()).isEmpty();
    }

    @Test
    default void ignoresAPostponement_whenAnotherReplicaOwnsTheAttempt() {
        Delivery delivery = ended("a");

        assertThat(answer(other().settle(delivery, new Postponed(SOON)))).isFalse();
        assertThat(deliveryOf("a").nextAttempt()).isEmpty();
    }

    @Test
    default void ignoresAFailure_whenTheAttemptWasSettledBefore() {
        Delivery delivery = waiting("a", SOON);

        assertThat(answer(me().settle(delivery, new Failed(attempt("timeout"), SOON)))).isFalse();
        assertThat(deliveryOf("a").attempts()).isOne();
    }

    @Test
    default void isDone_whoeverSaysThatItWasDelivered() {
        Delivery delivery = ended("a");

        assertThat(answer(other().settle(delivery, new Delivered(attempt(""))))).isTrue();
        assertThat(deliveryOf("a").status()).isEqualTo("delivered");
    }

    @Test
    default void staysDone_whenItsOwnerFailsLater() {
        Delivery delivery = ended("a");
        answer(other().settle(delivery, new Delivered(attempt(""))));

        assertThat(answer(me().settle(delivery, new Failed(attempt("timeout"), SOON)))).isFalse();
        assertThat(deliveryOf("a").status()).isEqualTo("delivered");
        assertThat(deliveryOf("a").attempts()).isOne();
        assertThat(answer(me().inFlight())).isEmpty();
    }

    @Test
    default void countsOnce_whenDeliveredTwice() {
        Delivery delivery = delivered("a");

        assertThat(answer(other().settle(delivery, new Delivered(attempt(""))))).isFalse();
        assertThat(deliveryOf("a").attempts()).isOne();
    }

    @Test
    default void isDone_whenALateSuccessComesWhileItWaits() {
        Delivery delivery = waiting("a", Duration.ZERO);

        assertThat(answer(me().settle(delivery, new Delivered(attempt(""))))).isTrue();
        assertThat(answer(me().tick(10)).dueDeliveries()).isEmpty();
        assertThat(answer(me().claim(List.of(delivery.id())))).isEmpty();
    }

    @Test
    default void settlesOneByOne_whenManyTravelTogether() {
        Delivery first = ended("a");
        Delivery second = ended("b");

        List<Boolean> settled = together(List.of(first, first, second),
                delivery -> me().settle(delivery, new Failed(attempt("status 500"), SOON)));

        assertThat(settled).containsExactly(true, false, true);
    }

    @Test
    default void settlesNothing_whenTheResourceWasDropped() {
        Delivery delivery = ended("a");
        answer(store().drop(id("a")));

        assertThat(answer(me().settle(delivery, new Delivered(attempt(""))))).isFalse();
        assertThat(answer(store().find(id("a")))).isEmpty();
    }

    @Test
    default void isNotFound_beforeItIsDue() {
        waiting("a", SOON);
        advance(SOON.minusMinutes(1));

        assertThat(answer(me().tick(10)).dueDeliveries()).isEmpty();
    }

    @Test
    default void isFound_whenItIsDue() {
        Delivery delivery = waiting("a", SOON);
        advance(SOON);

        assertThat(answer(other().tick(10)).dueDeliveries()).containsExactly(delivery.id());
    }

    @Test
    default void findsNoMoreThanAsked_whenManyAreDue() {
        Delivery first = waiting("a", Duration.ZERO);
        advance(SOON);
        waiting("b", Duration.ZERO);

        assertThat(answer(me().tick(1)).dueDeliveries()).containsExactly(first.id());
    }

    @Test
    default void isInFlight_whenClaimed() {
        Delivery delivery = waiting("a", Duration.ZERO);

        assertThat(answer(other().claim(List.of(delivery.id())))).containsExactly(delivery.id());
        assertThat(answer(other().inFlight())).containsExactly(delivery.id());
        assertThat(deliveryOf("a").nextAttempt()).isEmpty();
        assertThat(answer(other().tick(10)).dueDeliveries()).isEmpty();
    }

    @Test
    default void isNotClaimed_beforeItIsDue() {
        Delivery delivery = waiting("a", SOON);

        assertThat(answer(me().claim(List.of(delivery.id())))).isEmpty();
        assertThat(deliveryOf("a").nextAttempt()).isPresent();
    }

    @Test
    default void isClaimedOnce_whenTwoReplicasTry() {
        Delivery delivery = waiting("a", Duration.ZERO);
        answer(me().claim(List.of(delivery.id())));

        assertThat(answer(other().claim(List.of(delivery.id())))).isEmpty();
        assertThat(answer(other().inFlight())).isEmpty();
    }

    @Test
    default void claimsWhatItCan_whenSomeAreGone() {
        Delivery kept = waiting("a", Duration.ZERO);
        Delivery dropped = waiting("b", Duration.ZERO);
        answer(store().drop(id("b")));

        assertThat(answer(me().claim(List.of("0-unknown-1", dropped.id(), kept.id())))).containsExactly(kept.id());
    }

    @Test
    default void claimsNothing_whenNothingIsAskedFor() {
        assertThat(answer(me().claim(List.of()))).isEmpty();
    }

    @Test
    default void isLetGo_whenReleased() {
        Delivery delivery = ended("a");
        answer(store().drop(id("a")));

        answer(me().release(delivery.id()));

        assertThat(answer(me().inFlight())).isEmpty();
    }
}
