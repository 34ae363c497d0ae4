package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

class LatenessTest {
    private long now;
    private final Lateness lateness = new Lateness(() -> now);

    private void pass(int millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    @Test
    void isNotLate_whileItGoesRoundSoon() {
        for (int i = 0; i < 10; i++) {
            pass(25);
            lateness.tick();
        }
        pass(25);

        assertThat(lateness.isLate()).isFalse();
    }

    @Test
    void isNotLate_afterOnePause() {
        lateness.tick();
        pass(500);
        assertThat(lateness.isLate()).as("in the first long round").isFalse();

        lateness.tick();
        pass(20);
        assertThat(lateness.isLate()).as("in the round after it").isFalse();
    }

    @Test
    void isLate_inTheSecondLongRound_fromWhenThatIsLong() {
        pass(40);
        lateness.tick();
        pass(25);
        assertThat(lateness.isLate()).isFalse();

        pass(10);

        assertThat(lateness.isLate()).isTrue();
    }

    @Test
    void isNotLateAnyMore_afterAShortRound() {
        pass(40);
        lateness.tick();
        pass(40);
        lateness.tick();
        pass(12);
        lateness.tick();
        pass(40);

        assertThat(lateness.isLate()).isFalse();
    }
}
