package io.ancillary.processing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private static final Optional<Duration> NOTHING = Optional.empty();

    private final Backoff steady = backoff(0);
    private final Backoff late = backoff(1);

    @ParameterizedTest
    @CsvSource({ "1, 200", "2, 400", "3, 800", "8, 25600", "9, 51200", "10, 60000", "31, 60000", "32, 60000",
            "1000000, 60000" })
    void doublesUpToTheLongest(int failures, long millis) {
        assertThat(steady.after(failures, NOTHING)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({ "1, 240", "10, 72000" })
    void isUpToAFifthLonger_byChance(int failures, long millis) {
        assertThat(late.after(failures, NOTHING)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void waitsAsLongAsAsked_whenThatIsLonger() {
        assertThat(steady.after(1, Optional.of(Duration.ofMinutes(5)))).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void waitsNoShorterThanAsked_whateverChanceSays() {
        assertThat(late.after(1, Optional.of(Duration.ofMinutes(5)))).isEqualTo(Duration.ofMinutes(6));
    }

    @Test
    void waitsItsOwnTime_whenLessIsAsked() {
        assertThat(steady.after(3, Optional.of(Duration.ofMillis(1)))).isEqualTo(Duration.ofMillis(800));
    }

    @Test
    void doesNotWaitForEver_howeverMuchIsAsked() {
        assertThat(steady.after(1, Optional.of(Duration.ofDays(30)))).isEqualTo(Duration.ofHours(1));
    }

    private static Backoff backoff(double chance) {
        return new Backoff(Duration.ofMillis(200), Duration.ofMinutes(1), () -> chance);
    }
}
