package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreUnavailableException;
import io.smallrye.mutiny.subscription.UniEmitter;

/** A replica over a store whose answers get lost: every packet is delivered once, whatever was lost on the way. */
class ReplicaTest extends ReplicaFixture {

    @Test
    void deliversAtOnce_whenNothingIsLost() {
        Replica replica = joined(replica(faults));

        accept(replica, packet("r", 1, true));

        await().until(() -> delivered.equals(List.of("r=[1]")));
    }

    @Test
    void sendsOnWhatComesOfAPacket_beforeItsClientIsTold() {
        Replica replica = joined(replica(faults));

        boolean sentOn = replica.accept(flow, packet("r", 1, true)).thenApply(told -> faults.hasCalled("collate"))
                .toCompletableFuture().join();

        assertThat(sentOn).isTrue();
    }

    @Test
    void adoptsAPart_whenTheAnswerToItsArrivalWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("accept");

        assertThatThrownBy(() -> accept(replica, packet("r", 1, true)))
                .hasCauseInstanceOf(StoreUnavailableException.class);

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));
    }

    @Test
    void deliversOnce_whenTheAnswerToTheLastCollateWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("collate");

        accept(replica, packet("r", 1, true));

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));
        assertThat(faults.hasLostAll()).isTrue();
    }

    @Test
    void collatesAgain_whenTheCallWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNext("collate");

        accept(replica, packet("r", 1, true));

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));
    }

    /** Sooner than the next beat, and exact to a tenth of a second. */
    @Test
    void looksWhenTheNextAttemptIsDue() {
        refusals.set(1);
        Replica replica = joined(replica(faults));
        wakeUps.forEach(Runnable::run);
        faults.rest();
        waits.clear();

        accept(replica, packet("a", 1, true));

        await().untilAsserted(() -> assertThat(waits)
                .anySatisfy(wait -> assertThat(wait).isBetween(Duration.ofMillis(100), Duration.ofMillis(200))));
    }

    @Test
    void settlesAgain_whenTheAnswerWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("settle");

        accept(replica, packet("r", 1, true));

        awaitTicking(replica, () -> isDelivered("r"));
        assertThat(delivered).containsExactly("r=[1]");
    }

    @Test
    void deliversAgain_whenTheAnswerToAClaimWasLost() {
        Replica replica = joined(replica(faults));
        refusals.set(1);
        accept(replica, packet("r", 1, true));
        await().until(() -> delivered.size() == 1);
        faults.loseNextAnswerTo("claim");

        awaitTicking(replica, () -> isDelivered("r"));

        assertThat(faults.hasLostAll()).isTrue();
        assertThat(delivered).containsExactly("r=[1]", "r=[1]");
    }

    @Test
    void asksToBeWokenBeforeTheNextBeat_whenSomethingIsDueByThen() {
        Replica replica = joined(replica(faults));
        refusals.set(1);
        accept(replica, packet("r", 1, true));
        await().until(() -> delivered.size() == 1);

        wakeUps.forEach(Runnable::run);

        await().until(() -> waits.stream().anyMatch(
                wait -> wait.compareTo(Duration.ofMillis(100)) >= 0 && wait.compareTo(BEAT) < 0));
    }

    @Test
    void adoptsAPart_whenItsJournalCouldNotBeReadAtFirst() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("accept");
        assertThatThrownBy(() -> accept(replica, packet("r", 1, true)))
                .hasCauseInstanceOf(StoreUnavailableException.class);
        passed.addAndGet(Duration.ofMinutes(1).toNanos());
        faults.loseNext("journal");

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));

        assertThat(faults.hasLostAll()).isTrue();
    }

    @Test
    void makesAllDeliveriesOfADeadReplica_whenThereAreMoreThanItHasRoomFor() {
        Replica silent = joined(replica(faults, 20));
        refusals.set(Integer.MAX_VALUE);
        stuck.set(true);
        for (int i = 0; i < 6; i++) {
            accept(silent, packet("r" + i, 1, true));
        }
        await().until(() -> delivered.size() == 6);
        delivered.clear();
        stuck.set(false);
        refusals.set(0);
        Replica heir = joined(replica(faults, 2));

        beatFor(heir, LEASE.plus(BEAT));

        awaitTicking(heir, () -> delivered.size() == 6);
        assertThat(delivered).doesNotHaveDuplicates();
    }

    @Test
    void findsWorkThatCameBackWithTheStore_whenTheLineWasMadeAnew() throws Exception {
        Replica replica = joined(replica(faults));
        accept(replica, packet("before", 1, true));
        awaitTicking(replica, () -> isDelivered("before"));
        // In the journal, and nobody was told: as after a restart with older data.
        reference.join("replica1").toCompletableFuture().get().accept(flow.flow(), packet("behind", 1, true));

        faults.reconnect();

        awaitTicking(replica, () -> isDelivered("behind"));
    }

    @Test
    void takesOverAndFinishes_whenAnotherFallsSilent() {
        Replica silent = joined(replica(faults));
        flow.hold();
        accept(silent, packet("r", 1, true));
        Replica other = joined(replica(faults));
        flow.release();

        beatFor(other, LEASE.plus(BEAT));

        awaitTicking(other, () -> isDelivered("r"));
        assertThat(delivered).containsExactly("r=[1]");
    }

    @Test
    void dropsWhatItHeldAndJoinsAnew_whenItWasDeclaredDead() {
        Replica paused = joined(replica(faults));
        UniEmitter<? super PartResult> late = flow.holdNext(() -> accept(paused, packet("r", 1, true)));
        Replica other = joined(replica(faults));
        beatFor(other, LEASE.plus(BEAT));
        awaitTicking(other, () -> isDelivered("r"));

        late.complete(new PartResult.Output("[666]"));

        awaitTicking(paused, () -> paused.isJoined() && names.get() == 3);
        assertThat(paused.held("echo")).isZero();
        assertThat(delivered).containsExactly("r=[1]");
    }

    @Test
    void refusesArrivals_whenItHoldsAsManyAsTheJournalMay() {
        Replica replica = joined(replica(faults));
        flow.hold();
        for (int i = 1; i <= 10; i++) {
            accept(replica, packet("r", i, false));
        }

        Acceptance eleventh = accept(replica, packet("r", 11, false));

        assertThat(eleventh).isEqualTo(new Acceptance.Refused(Refusal.OVER_CAPACITY));
        assertThat(replica.turnsAway(flow, true, false)).as("the twelfth, unread").isTrue();
        assertThat(replica.turnsAway(flow, false, false)).as("while there is time to read it").isFalse();
    }

    @Test
    void turnsMostAway_whenTheStoreHasNoRoom_andThereIsMuchToDo() {
        Replica full = joined(replica(faults));
        Replica other = joined(replica(faults));
        flow.hold();
        for (int i = 1; i <= 9; i++) {
            accept(full, packet("r", i, false));
        }

        // More of them than may ask in the time that they take.
        await().until(() -> IntStream.range(0, 100).allMatch(each -> isRefused(other, Refusal.OVER_CAPACITY))
                && turnedAway(other, true) > 0);

        assertThat(turnedAway(other, false)).as("while there is time to ask").isZero();
    }

    @Test
    void turnsNoneAway_whenWhatIsOpenHoldsOthersUp() {
        Replica replica = joined(replica(faults));
        for (int i = 0; i < EchoFlow.MOST_OPEN; i++) {
            accept(replica, packet("r" + i, 1, false));
            await().pollInterval(Duration.ofMillis(1)).until(() -> replica.held("echo") == 0);
        }

        for (int i = 0; i < 100; i++) {
            assertThat(isRefused(replica, Refusal.HELD_UP)).isTrue();
        }

        assertThat(turnedAway(replica, true)).isZero();
    }

    private boolean isRefused(Replica replica, Refusal refusal) {
        return accept(replica, packet("new", 1, false)).equals(new Acceptance.Refused(refusal));
    }

    private long turnedAway(Replica replica, boolean busy) {
        return IntStream.range(0, 100).filter(each -> replica.turnsAway(flow, busy, false)).count();
    }

    @Test
    void leavesToTheOutbox_whatItHasNoRoomToDeliver() {
        Replica replica = joined(replica(faults));

        for (int i = 0; i < 5; i++) {
            accept(replica, packet("r" + i, 1, true));
        }

        awaitTicking(replica, () -> delivered.size() == 5);
        assertThat(delivered).doesNotHaveDuplicates();
    }

    @Test
    void endsIncomplete_whenTheProcessorFails() {
        Replica replica = joined(replica(faults));
        flow.failNext();

        accept(replica, packet("r", 1, true));

        await().until(() -> delivered.equals(List.of("r=incomplete")));
    }
}
