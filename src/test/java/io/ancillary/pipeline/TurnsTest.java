package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Completion;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.processing.Processed;
import io.ancillary.processing.Turn;

/** Parts that need more than one turn at their processor, or whose output comes from elsewhere. */
class TurnsTest extends ReplicaFixture {
    private static final Processed NOTHING_YET = new Processed.Later(1, Duration.ofSeconds(7), false);
    private static final Processed LEAVE_ME_ALONE = new Processed.Later(0, Duration.ofSeconds(1), true);
    private static final Processed PUT_OFF = new Processed.Done(new PartResult.Deferred(1));

    @Test
    void hasAnotherTurn_afterTheWaitThatWasAskedFor() {
        Replica replica = joined(replica(faults));
        flow.answer(NOTHING_YET);
        accept(replica, packet("r", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(7)));
        assertThat(delivered).isEmpty();

        wakeUps.forEach(Runnable::run);

        await().until(() -> delivered.equals(List.of("r=[1]")));
        assertThat(flow.turns()).extracting(Turn::attempts, Turn::turns).containsExactly(tuple(0, 0), tuple(1, 1));
    }

    @Test
    void makesRoomForOthers_whileItRests() {
        Replica replica = joined(replica(faults, 2, 1));
        flow.answer(NOTHING_YET);

        accept(replica, packet("rests", 1, true));
        accept(replica, packet("goes-on", 1, true));

        await().until(() -> delivered.equals(List.of("goes-on=[1]")));
    }

    @Test
    void givesNobodyATurn_whileTheProcessorIsToBeLeftAlone() {
        Replica replica = joined(replica(faults, 8));
        flow.answer(LEAVE_ME_ALONE);
        accept(replica, packet("first", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(1)));

        accept(replica, packet("second", 1, true));
        assertThat(flow.turns()).hasSize(1);
        wakeUps.forEach(Runnable::run);

        await().until(() -> delivered.size() == 2);
        assertThat(delivered).containsExactly("first=[1]", "second=[1]");
        assertThat(flow.turns()).extracting(Turn::attempts, Turn::turns).containsOnly(tuple(0, 0));
    }

    @Test
    void hasNoTurn_whenItsTimeIsUp() {
        Replica replica = joined(replica(faults));
        flow.answer(NOTHING_YET);
        accept(replica, packet("r", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(7)));
        passed.set(Duration.ofHours(1).toNanos());

        wakeUps.forEach(Runnable::run);

        await().until(() -> delivered.equals(List.of("r=incomplete")));
        assertThat(flow.turns()).hasSize(1);
    }

    @Test
    void isToldHowMuchTimeIsLeft() {
        Replica replica = joined(replica(faults));
        flow.answer(NOTHING_YET);
        accept(replica, packet("r", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(7)));
        passed.set(Duration.ofMinutes(50).toNanos());

        wakeUps.forEach(Runnable::run);

        await().until(() -> flow.turns().size() == 2);
        assertThat(flow.turns().get(0).left()).isGreaterThan(Duration.ofMinutes(59));
        assertThat(flow.turns().get(1).left()).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
    }

    @Test
    void holdsNothing_whileAPartIsPutOff() {
        Replica replica = joined(replica(faults));
        flow.answer(PUT_OFF);

        accept(replica, packet("r", 1, true));

        await().until(() -> replica.held("echo") == 0);
        assertThat(waiting("r")).isOne();
        assertThat(delivered).isEmpty();
    }

    @Test
    void delivers_whenTheOutputComes() {
        Replica replica = joined(replica(faults));
        PartName part = putOff(replica);

        complete(replica, part, "7");

        await().until(() -> delivered.equals(List.of("r=7")));
    }

    @Test
    void delivers_whenTheAnswerToTheOutputWasLost() {
        Replica replica = joined(replica(faults));
        PartName part = putOff(replica);
        faults.loseNextAnswerTo("complete");

        assertThatThrownBy(() -> complete(replica, part, "7")).hasCauseInstanceOf(StoreUnavailableException.class);

        awaitTicking(replica, () -> delivered.equals(List.of("r=7")));
    }

    @Test
    void delivers_whenTheOutputComesBetweenTwoTurns_andHasNoOther() {
        Replica replica = joined(replica(faults));
        flow.answer(NOTHING_YET);
        accept(replica, packet("r", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(7)));

        complete(replica, flow.turns().get(0).part().part(), "7");

        await().until(() -> delivered.equals(List.of("r=7")));
        wakeUps.forEach(Runnable::run);
        await().until(() -> replica.held("echo") == 0);
        assertThat(flow.turns()).hasSize(1);
        assertThat(delivered).hasSize(1);
    }

    @Test
    void putsItOffOnce_whenTheAnswerToThatWasLost() {
        Replica replica = joined(replica(faults));
        faults.loseNextAnswerTo("collate");

        PartName part = putOff(replica);

        complete(replica, part, "7");
        await().until(() -> delivered.equals(List.of("r=7")));
        assertThat(flow.turns()).hasSize(1);
    }

    @Test
    void hasAnotherTurn_whenItsOutputDoesNotCome() {
        Replica replica = joined(replica(faults));
        putOff(replica);
        clock.advance(Duration.ofMinutes(10));

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));

        assertThat(flow.turns()).extracting(Turn::attempts).containsExactly(0, 1);
        assertThat(flow.turns()).extracting(Turn::token).doesNotContainNull().containsOnly(flow.turns().get(0).token());
    }

    @Test
    void hasAnotherTurn_whenTheAnswerToWakingItWasLost() {
        Replica replica = joined(replica(faults));
        putOff(replica);
        clock.advance(Duration.ofMinutes(10));
        faults.loseNextAnswerTo("wake");

        awaitTicking(replica, () -> delivered.equals(List.of("r=[1]")));

        assertThat(faults.hasLostAll()).isTrue();
    }

    @Test
    void knowsItsOwnTokens_andNoOthers() {
        Replica replica = joined(replica(faults));
        PartName name = putOff(replica);
        PartId part = new PartId(0, name);
        String token = flow.turns().get(0).token();

        assertThat(replica.admits(token, part)).isTrue();
        assertThat(replica.admits(token.substring(0, token.length() - 1) + "!", part)).isFalse();
        assertThat(replica.admits(token, new PartId(0, new PartName(name.id(), name.generation(), 2)))).isFalse();
    }

    @Test
    void givesNoMoreTurns_whenItWasDeclaredDead() {
        Replica replica = joined(replica(faults));
        flow.answer(LEAVE_ME_ALONE);
        accept(replica, packet("r", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(1)));
        Replica other = joined(replica(faults));
        beatFor(other, LEASE.plus(BEAT));
        awaitTicking(other, () -> delivered.equals(List.of("r=[1]")));
        replica.tick();
        await().until(() -> !replica.isJoined());
        int before = flow.turns().size();

        wakeUps.forEach(Runnable::run);

        replica.tick();
        await().until(replica::isJoined);
        assertThat(flow.turns()).hasSize(before);
    }

    private PartName putOff(Replica replica) {
        flow.answer(PUT_OFF);
        accept(replica, packet("r", 1, true));
        await().until(() -> replica.held("echo") == 0);
        return flow.turns().get(0).part().part();
    }

    private int waiting(String resource) {
        return reference.find(new CollationId("echo", resource)).toCompletableFuture().join().orElseThrow().progress()
                .waiting();
    }

    private Completion complete(Replica replica, PartName part, String json) {
        return replica.complete(flow, part, new PartResult.Output(json)).toCompletableFuture().orTimeout(5, TimeUnit.SECONDS)
                .join();
    }
}
