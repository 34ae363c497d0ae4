package io.ancillary.collation;

import static io.ancillary.collation.Attempts.attempt;
import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.CollationStore.DeliveryPage;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Settlement.Dead;
import io.ancillary.collation.Settlement.Delivered;
import io.ancillary.collation.Settlement.Failed;
import io.ancillary.collation.Settlement.Postponed;
import io.ancillary.collation.Snapshot.DeliveryState;

/** What is written down of attempts, what becomes of a delivery that was given up, and how one is made once more. */
interface DeadLetterContract extends StoreFixture {
    Duration LATER = Duration.ofMinutes(5);
    List<String> FLOWS = List.of(PACKETS.name());

    private DeliveryState deliveryOf(String resource) {
        return snapshot(resource).ending().orElseThrow().delivery();
    }

    private Delivery dead(String resource) {
        Delivery delivery = ended(resource);
        assertThat(answer(me().settle(delivery, new Dead(attempt("status 410"))))).isTrue();
        return delivery;
    }

    private List<String> listed(DeliveryStatus status) {
        return listed(status, 100);
    }

    private List<String> listed(DeliveryStatus status, int limit) {
        List<String> found = new ArrayList<>();
        Optional<String> next = Optional.of("");
        while (next.isPresent()) {
            DeliveryPage page = answer(store().deliveries(status, FLOWS, next.get(), limit));
            page.rows().forEach(row -> found.add(row.collation().id().resource()));
            next = page.next();
        }
        return found;
    }

    @Test
    default void isADeadLetter_whenGivenUp() {
        Delivery delivery = dead("a");

        assertThat(deliveryOf("a").status()).isEqualTo("dead");
        assertThat(deliveryOf("a").diedAt()).isPresent();
        assertThat(deliveryOf("a").lastError()).contains("status 410");
        assertThat(deliveryOf("a").attempts()).isOne();
        assertThat(answer(store().pending(delivery.id()))).isEmpty();
        assertThat(answer(me().inFlight())).isEmpty();
    }

    @Test
    default void isNotGivenUp_whenAnotherReplicaOwnsTheAttempt() {
        Delivery delivery = ended("a");

        assertThat(answer(other().settle(delivery, new Dead(attempt("status 410"))))).isFalse();
        assertThat(deliveryOf("a").status()).isEqualTo("pending");
    }

    @Test
    default void isDelivered_whenALateSuccessComesForADeadLetter() {
        Delivery delivery = dead("a");

        assertThat(answer(other().settle(delivery, new Delivered(attempt(""))))).isTrue();
        assertThat(deliveryOf("a").status()).isEqualTo("delivered");
        assertThat(listed(DeliveryStatus.DEAD)).isEmpty();
    }

    @Test
    default void staysDead_whenAFailureComesLater() {
        Delivery delivery = dead("a");

        assertThat(answer(me().settle(delivery, new Failed(attempt("timeout"), LATER)))).isFalse();
        assertThat(deliveryOf("a").status()).isEqualTo("dead");
        assertThat(deliveryOf("a").attempts()).isOne();
    }

    @Test
    default void isKeptForItsOwnRetention_whenDead() {
        Delivery delivery = dead("a");
        advance(SETTINGS.retention().plusMinutes(1));
        assertThat(found()).isEmpty();
        assertThat(deliveryOf("a").status()).isEqualTo("dead");

        advance(SETTINGS.deadRetention().minus(SETTINGS.retention()));
        assertThat(found()).containsExactly(due(delivery));
        assertThat(expired(due(delivery))).isEmpty();

        assertThat(answer(store().find(id("a")))).isEmpty();
        assertThat(listed(DeliveryStatus.DEAD)).isEmpty();
    }

    @Test
    default void isForgotten_whenItsResourceIsDropped() {
        dead("a");

        answer(store().drop(id("a")));

        assertThat(listed(DeliveryStatus.DEAD)).isEmpty();
    }

    @Test
    default void neverExpires_whilePending() {
        waiting("a", SETTINGS.deadRetention().multipliedBy(2));
        advance(SETTINGS.deadRetention().plusHours(24));
        found().forEach(this::expired);

        assertThat(found()).isEmpty();
        assertThat(deliveryOf("a").status()).isEqualTo("pending");
    }

    @Test
    default void isADeadLetter_whenPostponedForTooLong() {
        Delivery delivery = waiting("a", Duration.ofHours(2));
        advance(Duration.ofHours(2));
        answer(me().claim(List.of(delivery.id())));

        answer(me().settle(delivery, new Postponed(LATER, Duration.ofHours(1))));

        assertThat(deliveryOf("a").status()).isEqualTo("dead");
        assertThat(deliveryOf("a").lastError()).contains(Postponed.ERROR);
        assertThat(deliveryOf("a").attempts()).isOne();
        assertThat(answer(store().attempts(delivery.id()))).hasSize(1);
    }

    @Test
    default void isPostponedAnew_whenItWasBegunAnew() {
        Delivery delivery = dead("a");
        advance(Duration.ofHours(2));
        answer(store().redeliver(delivery.id(), DeliveryStatus.ANY));
        answer(me().claim(List.of(delivery.id())));

        answer(me().settle(delivery, new Postponed(LATER, Duration.ofHours(1))));

        assertThat(deliveryOf("a").status()).isEqualTo("pending");
    }

    @Test
    default void logsEachAttempt_lastFirst() {
        Delivery delivery = waiting("a", Duration.ZERO);
        answer(me().claim(List.of(delivery.id())));
        answer(me().settle(delivery, new Delivered(attempt(""))));

        List<LoggedAttempt> log = answer(store().attempts(delivery.id()));

        assertThat(log).extracting(LoggedAttempt::number).containsExactly(2, 1);
        assertThat(log).extracting(LoggedAttempt::attempt).containsExactly(attempt(""), attempt("status 500"));
        assertThat(log).extracting(it -> it.next().isPresent()).containsExactly(false, true);
    }

    @Test
    default void logsNothing_whenPostponed() {
        Delivery delivery = ended("a");
        answer(me().settle(delivery, new Postponed(LATER)));

        assertThat(answer(store().attempts(delivery.id()))).isEmpty();
    }

    @Test
    default void keepsTheLastAttempts_whenThereAreMany() {
        Delivery delivery = waiting("a", Duration.ZERO);
        for (int i = 2; i <= LoggedAttempt.KEPT + 3; i++) {
            answer(me().claim(List.of(delivery.id())));
            answer(me().settle(delivery, new Failed(attempt("error " + i), Duration.ZERO)));
        }

        List<LoggedAttempt> log = answer(store().attempts(delivery.id()));

        assertThat(log).hasSize(LoggedAttempt.KEPT);
        assertThat(log.get(0).number()).isEqualTo(LoggedAttempt.KEPT + 3);
        assertThat(log.get(0).attempt().error()).isEqualTo("error " + (LoggedAttempt.KEPT + 3));
        assertThat(log.get(LoggedAttempt.KEPT - 1).number()).isEqualTo(4);
    }

    @Test
    default void isMadeOnceMore_asIfForTheFirstTime_whenDead() {
        Delivery delivery = dead("a");

        assertThat(answer(store().redeliver(delivery.id(), DeliveryStatus.ANY))).isEqualTo(Redelivery.BEGUN);

        assertThat(answer(other().tick(10)).dueDeliveries()).containsExactly(delivery.id());
        assertThat(answer(store().pending(delivery.id()))).contains(delivery);
        assertThat(deliveryOf("a").status()).isEqualTo("pending");
        assertThat(deliveryOf("a").attempts()).isOne();
    }

    @Test
    default void isKept_whenItWasToBeRemovedAndIsMadeOnceMore() {
        Delivery delivery = delivered("a");
        advance(SETTINGS.retention().minusMinutes(1));

        answer(store().redeliver(delivery.id(), DeliveryStatus.ANY));
        advance(SETTINGS.retention().plusHours(24));

        assertThat(found()).isEmpty();
        assertThat(deliveryOf("a").status()).isEqualTo("pending");
        assertThat(outcome(delivery).completed()).isTrue();
    }

    @Test
    default void goesOnCountingItsAttempts_whenMadeOnceMore() {
        Delivery delivery = delivered("a");
        answer(store().redeliver(delivery.id(), DeliveryStatus.ANY));
        answer(me().claim(List.of(delivery.id())));

        answer(me().settle(delivery, new Failed(attempt("status 500"), LATER)));

        assertThat(deliveryOf("a").attempts()).isEqualTo(2);
        assertThat(answer(store().pending(delivery.id())).orElseThrow().attempts()).isOne();
    }

    @Test
    default void isDueNow_whenItWaitedForItsNextAttempt() {
        Delivery delivery = waiting("a", LATER);

        assertThat(answer(store().redeliver(delivery.id(), DeliveryStatus.ANY))).isEqualTo(Redelivery.BEGUN);
        assertThat(answer(me().tick(10)).dueDeliveries()).containsExactly(delivery.id());
    }

    @Test
    default void isNotBegunTwice_whileAnAttemptIsMade() {
        Delivery delivery = ended("a");

        assertThat(answer(store().redeliver(delivery.id(), DeliveryStatus.ANY))).isEqualTo(Redelivery.UNCHANGED);
        assertThat(answer(me().inFlight())).containsExactly(delivery.id());
        assertThat(answer(me().tick(10)).dueDeliveries()).isEmpty();
    }

    @Test
    default void isInOnePlace_whenTwoAskForItOnceMore() {
        Delivery delivery = dead("a");

        together(List.of(1, 2), any -> store().redeliver(delivery.id(), DeliveryStatus.ANY));

        assertThat(answer(me().claim(List.of(delivery.id())))).containsExactly(delivery.id());
        assertThat(answer(other().claim(List.of(delivery.id())))).isEmpty();
    }

    @Test
    default void isLeftAsItIs_whenItIsDue() {
        Delivery delivery = dead("a");
        answer(store().redeliver(delivery.id(), DeliveryStatus.ANY));

        assertThat(answer(store().redeliver(delivery.id(), DeliveryStatus.ANY))).isEqualTo(Redelivery.UNCHANGED);
    }

    @Test
    default void isLeftAsItIs_whenItIsOfAnotherStatusByThen() {
        Delivery delivered = delivered("a");
        Delivery waits = waiting("b", LATER);

        assertThat(answer(store().redeliver(delivered.id(), DeliveryStatus.DEAD))).isEqualTo(Redelivery.UNCHANGED);
        assertThat(answer(store().redeliver(waits.id(), DeliveryStatus.DELIVERED))).isEqualTo(Redelivery.UNCHANGED);
        assertThat(answer(store().redeliver(waits.id(), DeliveryStatus.PENDING))).isEqualTo(Redelivery.BEGUN);
        assertThat(deliveryOf("a").status()).isEqualTo("delivered");
    }

    /** Who goes through all that is pending meets again what waits for its place, and what it has begun. */
    @Test
    default void isLeftAsItIs_whenAllThatIsPendingIsBegun_andItWasNotTried() {
        Delivery never = ended("a");
        answer(me().settle(never, new Postponed(LATER)));
        Delivery again = waiting("b", LATER);

        assertThat(answer(store().redeliver(never.id(), DeliveryStatus.PENDING))).isEqualTo(Redelivery.UNCHANGED);
        assertThat(answer(store().redeliver(again.id(), DeliveryStatus.PENDING))).isEqualTo(Redelivery.BEGUN);
        answer(me().claim(List.of(again.id())));
        answer(me().settle(again, new Postponed(LATER)));
        assertThat(answer(store().redeliver(again.id(), DeliveryStatus.PENDING))).isEqualTo(Redelivery.UNCHANGED);
        assertThat(answer(store().redeliver(again.id(), DeliveryStatus.ANY))).isEqualTo(Redelivery.BEGUN);
    }

    @Test
    default void isGone_whenNobodyKnowsIt() {
        Delivery dropped = dead("a");
        answer(store().drop(id("a")));

        assertThat(answer(store().redeliver("0-unknown-1", DeliveryStatus.ANY))).isEqualTo(Redelivery.GONE);
        assertThat(answer(store().redeliver(dropped.id(), DeliveryStatus.ANY))).isEqualTo(Redelivery.GONE);
    }

    @Test
    default void isToldByItsDelivery() {
        Delivery delivery = dead("a");

        assertThat(answer(store().delivered(delivery.id()))).contains(snapshot("a"));
        assertThat(answer(store().delivered("0-unknown-1"))).isEmpty();
    }

    @Test
    default void listsByStatus() {
        ended("flies");
        waiting("waits", LATER);
        delivered("done");
        dead("died");
        accepted(last("open", 1));

        assertThat(listed(DeliveryStatus.PENDING)).containsExactlyInAnyOrder("flies", "waits");
        assertThat(listed(DeliveryStatus.DELIVERED)).containsExactly("done");
        assertThat(listed(DeliveryStatus.DEAD)).containsExactly("died");
        assertThat(listed(DeliveryStatus.ANY)).containsExactlyInAnyOrder("flies", "waits", "done", "died");
    }

    @Test
    default void listsEachOnce_whenPagesAreSmall() {
        List<String> names = List.of("a", "b", "c", "d", "e");
        names.forEach(this::dead);
        List<String> others = List.of("f", "g", "h");
        others.forEach(name -> waiting(name, LATER));
        List.of("i", "j", "k").forEach(this::ended);

        assertThat(listed(DeliveryStatus.DEAD, 2)).containsExactlyInAnyOrderElementsOf(names);
        assertThat(listed(DeliveryStatus.PENDING, 2)).containsExactlyInAnyOrder("f", "g", "h", "i", "j", "k");
        assertThat(listed(DeliveryStatus.ANY, 2)).hasSize(11).doesNotHaveDuplicates();
    }

    @Test
    default void refusesNewResources_whenTooManyAreNotDelivered() {
        Flow few = new Flow(PACKETS.name(), PACKETS.shape(), new Flow.Limits(2000, 2000, 1000, 2000, 2, 1000), PACKETS.times());
        Part begun = accepted(me(), few, StoreFixture.packet("begun", 1));
        dead("a");
        waiting("b", LATER);

        assertThat(answer(me().accept(few, last("new", 1)))).isEqualTo(new Acceptance.Refused(Refusal.HELD_UP));
        assertThat(answer(me().accept(few, last("begun", 2)))).isInstanceOf(Acceptance.Accepted.class);
        assertThat(begun.index()).isOne();
    }

    @Test
    default void hasRoomAgain_whenOneIsDelivered() {
        Flow one = new Flow(PACKETS.name(), PACKETS.shape(), new Flow.Limits(2000, 2000, 1000, 2000, 1, 1000), PACKETS.times());
        Delivery delivery = dead("a");

        answer(store().redeliver(delivery.id(), DeliveryStatus.ANY));
        answer(me().claim(List.of(delivery.id())));
        answer(me().settle(delivery, new Delivered(attempt(""))));

        assertThat(answer(me().accept(one, last("new", 1)))).isInstanceOf(Acceptance.Accepted.class);
    }
}
