package io.ancillary.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("1994-11-06T08:49:36.500Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({ "0, 0", "1, 1", "120, 120", "' 7 ', 7", "007, 7", "999999999, 999999999",
            "1000000000, 999999999", "99999999999999999999, 999999999" })
    void isAWait_whenItIsSeconds(String header, long seconds) {
        assertThat(RetryAfter.read(header, CLOCK)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "Sun, 06 Nov 1994 08:49:37 GMT | 500", "Sun, 6 Nov 1994 08:50:36 GMT | 59500",
            "Mon, 07 Nov 1994 08:49:37 GMT | 86400500" })
    void isAWaitUntilThen_whenItIsADate(String header, long millis) {
        assertThat(RetryAfter.read(header, CLOCK)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "-1", "1.5", "+1", "1s", "soon", "٣",
            "Sun, 06 Nov 1994 08:49:36 GMT", "Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z" })
    void saysNothing_whenItIsPastOrCannotBeUnderstood(String header) {
        assertThat(RetryAfter.read(header, CLOCK)).isEmpty();
    }

    @Test
    void saysNothing_whenThereIsNone() {
        assertThat(RetryAfter.read(null, CLOCK)).isEmpty();
    }
}
