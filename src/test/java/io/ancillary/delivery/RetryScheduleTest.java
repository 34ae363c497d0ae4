package io.ancillary.delivery;

import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

class RetryScheduleTest {
    private static final List<Duration> WAITS = List.of(ZERO, Duration.ofMillis(200), Duration.ofSeconds(5));

    private static RetrySchedule schedule(double chance) {
        return new RetrySchedule(WAITS, () -> chance);
    }

    @Test
    void isNeverEarly_whateverChanceSays() {
        assertThat(schedule(0).after(1, ZERO)).contains(Duration.ofMillis(200));
        assertThat(schedule(0).after(2, ZERO)).contains(Duration.ofSeconds(5));
        assertThat(schedule(0.999).after(1, ZERO).orElseThrow()).isBetween(Duration.ofMillis(219), Duration.ofMillis(220));
    }

    @Test
    void doesNotWaitForTheFirst_whenThereIsNothingToWait() {
        assertThat(schedule(0.999).untilFirst()).isZero();
    }

    @Test
    void endsAfterTheLast() {
        assertThat(schedule(0).after(3, ZERO)).isEmpty();
        assertThat(schedule(0).after(4, Duration.ofHours(1))).isEmpty();
    }

    @Test
    void isOver_anHourAfterAllWaitsAtTheLatest() {
        assertThat(schedule(0).most()).isEqualTo(Duration.ofHours(1).plusMillis(5_200 + 520));
    }

    @Test
    void waitsAsLongAsAsked_whenThatIsLonger() {
        assertThat(schedule(0).after(1, Duration.ofSeconds(7))).contains(Duration.ofSeconds(7));
        assertThat(schedule(0).after(2, Duration.ofSeconds(1))).contains(Duration.ofSeconds(5));
    }
}
