package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

import org.junit.jupiter.api.Test;

import io.ancillary.http.Gate.Pace;

class LatenessTest {
    private long now;
    private final Queue<Runnable> ticks = new ArrayDeque<>();
    private final Lateness lateness = new Lateness(() -> now, ticks::add);

    /** A round of the event loop that takes so long, and in which a request comes at the beginning. */
    private void round(int millis) {
        lateness.pace();
        pass(millis);
        ticks.remove().run();
    }

    private void pass(int millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    @Test
    void isNotLate_whileItGoesRoundSoon() {
        for (int i = 0; i < 10; i++) {
            round(18);
        }
        pass(18);

        assertThat(lateness.pace()).isNotEqualTo(Pace.LATE);
    }

    @Test
    void isNotLate_afterOnePause() {
        round(10);
        pass(500);
        assertThat(lateness.pace()).as("in the first long round").isNotEqualTo(Pace.LATE);

        ticks.remove().run();
        pass(18);
        assertThat(lateness.pace()).as("in the round after it").isNotEqualTo(Pace.LATE);
    }

    @Test
    void isLate_inTheSecondLongRound_fromWhenThatIsLong() {
        round(40);
        pass(18);
        assertThat(lateness.pace()).isNotEqualTo(Pace.LATE);

        pass(10);

        assertThat(lateness.pace()).isEqualTo(Pace.LATE);
    }

    @Test
    void isNotLateAnyMore_afterAShortRound() {
        round(40);
        round(40);
        round(12);
        pass(40);

        assertThat(lateness.pace()).isNotEqualTo(Pace.LATE);
    }

    @Test
    void isBusy_inALongRound_andForAWhileAfterIt() {
        round(10);
        pass(14);
        assertThat(lateness.pace()).isEqualTo(Pace.ON_TIME);

        pass(2);
        assertThat(lateness.pace()).isEqualTo(Pace.BUSY);

        ticks.remove().run();
        for (int i = 0; i < 49; i++) {
            assertThat(lateness.pace()).as("short round %d", i).isEqualTo(Pace.BUSY);
            round(10);
        }
        round(10);
        assertThat(lateness.pace()).isEqualTo(Pace.ON_TIME);
    }

    @Test
    void looksOnlyWhileItIsAsked() {
        assertThat(ticks).isEmpty();
        round(10);
        assertThat(ticks).as("it was asked in the last round").hasSize(1);

        ticks.remove().run();

        assertThat(ticks).isEmpty();
        pass(60_000);
        assertThat(lateness.pace()).as("after a minute in which nothing came").isNotEqualTo(Pace.LATE);
    }
}
