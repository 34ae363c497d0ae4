package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.processing.Processed;
import io.ancillary.processing.Turn;

/** Replicas die of a part, one after the other: it is found out, and what was beside it comes through. */
class SuspectsTest extends ReplicaFixture {
    private static final Processed NOTHING_YET = new Processed.Later(1, Duration.ofSeconds(7), false);

    SuspectsTest() {
        super(100);
    }

    @Test
    void goesOnAsUsual_withWhatADeadReplicaHeld() {
        dieAtWork(joined(replica(faults)), "a", "b");

        Replica heir = heir();

        awaitTicking(heir, () -> delivered.size() == 2);
        assertThat(delivered).containsExactlyInAnyOrder("a=[1]", "b=[1]");
    }

    @Test
    void givesThePartUp_ofWhichOneReplicaAfterTheOtherDies() {
        dieAtWork(joined(replica(faults)), "deadly");
        for (int death = 2; death <= 5; death++) {
            Replica heir = heir();
            awaitTurns(heir, death);
        }

        Replica last = heir();

        awaitTicking(last, () -> delivered.equals(List.of("deadly=incomplete")));
        assertThat(turnsAt("deadly")).isEqualTo(5);
    }

    @Test
    void comesThrough_whenItWasOnlyBesideWhatTheyDiedOf() {
        dieAtWork(joined(replica(faults)), "deadly", "slow");
        for (int death = 2; death <= 3; death++) {
            awaitTurns(heir(), 2 * death);
        }
        // Both have been there at three deaths. From now on it is one at a time.
        flow.stickAt("deadly"::equals);

        while (!delivered.contains("deadly=incomplete")) {
            int before = turnsAt("deadly");
            Replica heir = heir();
            awaitTicking(heir, () -> delivered.contains("deadly=incomplete") || turnsAt("deadly") > before);
        }

        assertThat(delivered).containsExactly("slow=[1]", "deadly=incomplete");
    }

    @Test
    void hasFewInATurn_ofThoseOfWhichTwoDied_andOneOfThoseOfWhichThreeDied() {
        String[] many = IntStream.range(0, 40).mapToObj(i -> "r" + i).toArray(String[]::new);
        dieAtWork(joined(replica(faults, 64)), many);
        awaitTurns(heir(), 80);

        Replica third = heir();
        awaitTurns(third, 96);
        beatFor(third, Duration.ofSeconds(2));
        assertThat(flow.turns()).hasSize(96);

        Replica fourth = heir();
        // Those beside which nobody died come first come through sixteen at a time, of the others one has a turn.
        awaitTurns(fourth, 96 + 16 + 1);
        beatFor(fourth, Duration.ofSeconds(2));
        assertThat(flow.turns()).hasSize(96 + 16 + 1);
    }

    @Test
    void isNotBlamed_whileItRests() {
        dieAtWork(joined(replica(faults)), "a");
        flow.stickAt(resource -> false);
        flow.answer(NOTHING_YET, NOTHING_YET, NOTHING_YET, NOTHING_YET, NOTHING_YET, NOTHING_YET);
        for (int i = 0; i < 6; i++) {
            Replica heir = heir();
            int turns = i + 2;
            awaitTurns(heir, turns);
            await().until(() -> waits.contains(Duration.ofSeconds(7)));
            beatFor(heir, BEAT);
        }

        Replica last = heir();

        awaitTicking(last, () -> delivered.equals(List.of("a=[1]")));
    }

    @Test
    void givesItsPlaceToTheNext_whileItRests() {
        dieAtWork(joined(replica(faults)), "rests", "waits", "waits-too");
        awaitTurns(heir(), 6);
        awaitTurns(heir(), 9);
        // All three have been there at three deaths: one has a turn, and then has to be tried again later.
        flow.stickAt(resource -> false);
        flow.answer(NOTHING_YET);

        Replica heir = heir();

        awaitTicking(heir, () -> delivered.size() == 2);
        assertThat(waits).contains(Duration.ofSeconds(7));
    }

    @Test
    void isProcessedOnce_whenTheAnswerToMarkingItWasLost() {
        dieAtWork(joined(replica(faults)), "a");
        faults.loseNextAnswerTo("mark");

        Replica heir = heir();

        awaitTicking(heir, () -> delivered.equals(List.of("a=[1]")));
        awaitTicking(heir, () -> heir.held("echo") == 0);
        assertThat(faults.hasLostAll()).isTrue();
        assertThat(turnsAt("a")).isEqualTo(2);
    }

    /** It takes these in, is at work on all of them, and is not heard of again. */
    private void dieAtWork(Replica replica, String... resources) {
        flow.stickAt(resource -> true);
        for (String resource : resources) {
            accept(replica, packet(resource, 1, true));
        }
        await().until(() -> flow.turns().size() == resources.length);
        if (resources.length < 3 && !resources[0].equals("deadly")) {
            flow.stickAt(resource -> false);
        }
    }

    /** A replica that has taken over what those before it held. */
    private Replica heir() {
        Replica heir = joined(replica(faults, 64));
        beatFor(heir, LEASE.plus(BEAT));
        return heir;
    }

    private void awaitTurns(Replica replica, int turns) {
        awaitTicking(replica, () -> flow.turns().size() == turns);
    }

    private int turnsAt(String resource) {
        List<Turn> turns = new ArrayList<>(flow.turns());
        return (int) turns.stream().filter(turn -> resourceOf(turn).equals(resource)).count();
    }

    private static String resourceOf(Turn turn) {
        return turn.part().part().id().resource();
    }
}
