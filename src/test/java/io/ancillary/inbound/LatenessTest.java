package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

import org.junit.jupiter.api.Test;

import io.ancillary.http.Gate.Pace;

class LatenessTest {
    /** As {@link System#nanoTime} may give. */
    private long now = Long.MIN_VALUE / 2;
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
    void isOnTime_whileItGoesRoundSoon() {
        for (int i = 0; i < 10; i++) {
            round(14);
        }
        pass(14);

        assertThat(lateness.pace()).isEqualTo(Pace.ON_TIME);
    }

    @Test
    void isOnTime_afterOnePause() {
        round(10);
        pass(500);
        assertThat(lateness.pace()).as("in the first long round").isEqualTo(Pace.ON_TIME);

        ticks.remove().run();
        pass(14);
        assertThat(lateness.pace()).as("in the round after it").isEqualTo(Pace.ON_TIME);
    }

    @Test
    void isBusy_inTheSecondLongRound_andForAWhileAfterIt() {
        round(16);
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
    void isBusy_afterTwoLongRounds_inWhichNothingWasAskedLate() {
        round(16);
        round(16);

        assertThat(lateness.pace()).isEqualTo(Pace.BUSY);
    }

    @Test
    void isLate_inTheSecondMuchTooLongRound_fromWhenThatIsSo() {
        round(40);
        pass(18);
        assertThat(lateness.pace()).isEqualTo(Pace.BUSY);

        pass(10);

        assertThat(lateness.pace()).isEqualTo(Pace.LATE).matches(Pace::isLate).matches(Pace::isBusy);
    }

    @Test
    void isNotLateAnyMore_afterAShortRound() {
        round(40);
        round(40);
        round(12);
        pass(40);

        assertThat(lateness.pace()).isEqualTo(Pace.BUSY);
    }

    @Test
    void looksOnlyWhileItIsAsked() {
        assertThat(ticks).isEmpty();
        round(10);
        assertThat(ticks).as("it was asked in the last round").hasSize(1);

        ticks.remove().run();

        assertThat(ticks).isEmpty();
        pass(60_000);
        assertThat(lateness.pace()).as("after a minute in which nothing came").isEqualTo(Pace.ON_TIME);
    }

    @Test
    void isOnTime_whenItWasBusyAndNothingCameThen() {
        round(40);
        round(40);
        ticks.remove().run();
        assertThat(ticks).isEmpty();

        assertThat(lateness.pace()).isEqualTo(Pace.ON_TIME);
    }
}
