package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class OutflowTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Outflow outflow = new Outflow(0);

    @Test
    void foreseesNothing_whileNothingLeaves() {
        IntStream.rangeClosed(1, 6).forEach(second -> outflow.look(second * SECOND));

        assertThat(outflow.timeFor(1)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void saysNothingOfAProcessThatHasJustBegun() {
        IntStream.rangeClosed(1, 5).forEach(second -> outflow.look(second * SECOND));

        assertThat(outflow.timeFor(1000)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void foreseesHowLongItTakes_whenAsManyLeaveAsDid() {
        for (int second = 1; second <= 10; second++) {
            leave(100);
            outflow.look(second * SECOND);
        }

        assertThat(outflow.timeFor(1000)).isEqualTo(Duration.ofSeconds(11));
        assertThat(outflow.timeFor(10)).isEqualTo(Duration.ofSeconds(1));
        assertThat(outflow.timeFor(100_000)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void forgetsHowFastItWas_onceItIsNot() {
        leave(100_000);
        outflow.look(SECOND);
        for (int second = 2; second <= 20; second++) {
            outflow.look(second * SECOND);
        }

        assertThat(outflow.timeFor(1000)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void remembersHowFastItWas_whileThereIsNothingToDo() {
        leave(100);
        outflow.look(SECOND);
        outflow.lookAway(20 * SECOND);
        outflow.look(21 * SECOND);
        leave(50);
        outflow.look(22 * SECOND);

        assertThat(outflow.timeFor(50)).isLessThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void looksAwayFromTime_thatDoesNotPass() {
        leave(100);
        outflow.look(0);

        outflow.look(SECOND);

        assertThat(outflow.timeFor(50)).isEqualTo(Duration.ofSeconds(1));
    }

    private void leave(int parts) {
        IntStream.range(0, parts).forEach(part -> outflow.left());
    }

    @Test
    void countsWhatLeft_beforeThereWasNothingMoreToDo() {
        for (int burst = 0; burst < 40; burst++) {
            outflow.look(burst * 10 * SECOND + SECOND / 2);
            leave(20);
            outflow.lookAway(burst * 10 * SECOND + SECOND);
            outflow.lookAway((burst + 1) * 10 * SECOND);
        }

        assertThat(outflow.timeFor(10)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void isNotThoughtSlower_forWhatComesSeldom() {
        for (int second = 1; second <= 10; second++) {
            leave(100);
            outflow.look(second * SECOND);
        }

        for (int second = 11; second <= 100; second++) {
            leave(1);
            outflow.lookAway(second * SECOND);
        }

        assertThat(outflow.timeFor(1000)).isEqualTo(Duration.ofSeconds(11));
    }
}
