package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.processing.Processed;

/** What waits at one replica is processed by another that has less to do. */
class SharingTest extends ReplicaFixture {
    private static final int ONE_AT_A_TIME = 1;

    SharingTest() {
        super(100);
    }

    private final Replica busy = joined(replica(faults, 8, ONE_AT_A_TIME));

    @Test
    void givesHalfOfWhatWaits_toWhoHasNothing() {
        fill(9);
        Replica free = joined(replica(faults, 8, ONE_AT_A_TIME));

        shareBetween(busy, free);

        assertThat(busy.held("echo")).isEqualTo(5);
        assertThat(free.held("echo")).isEqualTo(4);
        assertThat(flow.turns()).hasSize(2);
        assertThat(flow.turns()).extracting(turn -> turn.part().part().id().resource()).doesNotHaveDuplicates();
    }

    @Test
    void givesEachItsShare_whenSeveralHaveLess() {
        fill(9);
        Replica second = joined(replica(faults, 8, ONE_AT_A_TIME));
        Replica third = joined(replica(faults, 8, ONE_AT_A_TIME));

        shareBetween(busy, second, third);

        assertThat(busy.held("echo")).isEqualTo(3);
        assertThat(second.held("echo")).isEqualTo(3);
        assertThat(third.held("echo")).isEqualTo(3);
    }

    @Test
    void keepsWhatItHas_whenNothingHasWaitedForLong() {
        fill(9);
        Replica free = joined(replica(faults, 8, ONE_AT_A_TIME));

        beat(free);
        beat(busy);
        beat(free);

        assertThat(busy.held("echo")).isEqualTo(9);
    }

    @Test
    void keepsWhatItHas_whenTheOtherOneIsBusyToo() {
        fill(3);
        Replica other = joined(replica(faults, 8, ONE_AT_A_TIME));
        IntStream.range(0, 3).forEach(i -> accept(other, packet("theirs" + i, 1, true)));

        shareBetween(busy, other);

        assertThat(busy.held("echo")).isEqualTo(3);
        assertThat(other.held("echo")).isEqualTo(3);
    }

    @Test
    void givesNothing_toWhoLeavesItsProcessorAlone() {
        fill(9);
        Replica paused = joined(replica(faults, 8, ONE_AT_A_TIME));
        flow.stickAt(resource -> false);
        flow.answer(new Processed.Later(0, Duration.ofSeconds(1), true));
        accept(paused, packet("paused", 1, true));
        await().until(() -> waits.contains(Duration.ofSeconds(1)));

        shareBetween(busy, paused);

        assertThat(busy.held("echo")).isEqualTo(9);
    }

    @Test
    void processesEachOnce_whenTheAnswerToGivingWasLost() {
        fill(9);
        Replica free = joined(replica(faults, 8));
        faults.loseNextAnswerTo("give");
        flow.stickAt("r0"::equals);

        shareBetween(busy, free);

        awaitTicking(free, () -> delivered.size() == 4);
        assertThat(faults.hasLostAll()).isTrue();
        assertThat(delivered).doesNotHaveDuplicates();
    }

    @Test
    void processesAll_whenTheOneThatWasGivenThemDies() {
        fill(9);
        Replica free = joined(replica(faults, 8, ONE_AT_A_TIME));
        shareBetween(busy, free);
        flow.stickAt("r0"::equals);

        beatFor(busy, LEASE.plus(BEAT));
        Replica third = joined(replica(faults, 8));
        beatFor(third, BEAT.multipliedBy(3));

        awaitTicking(third, () -> {
            busy.tick();
            return busy.held("echo") + third.held("echo") <= 5;
        });
        assertThat(delivered).doesNotHaveDuplicates();
    }

    private void fill(int parts) {
        flow.stickAt(resource -> true);
        IntStream.range(0, parts).forEach(i -> accept(busy, packet("r" + i, 1, true)));
        await().until(() -> flow.turns().size() == 1);
    }

    /** They wait for longer than a beat, and all look three times. */
    private void shareBetween(Replica... replicas) {
        passed.addAndGet(BEAT.toNanos());
        for (int i = 0; i < 3; i++) {
            for (int last = replicas.length - 1; last >= 0; last--) {
                beat(replicas[last]);
            }
        }
    }
}
