package io.ancillary.outbound;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/** The header {@code Retry-After}: seconds, or a date. */
public final class RetryAfter {
    private static final Pattern SECONDS = Pattern.compile("\\d+");

    /** Decades: whoever asks for more gets no more. */
    private static final long LONGEST = 999_999_999;
    private static final int MOST_DIGITS = 9;

    private RetryAfter() {
    }

    /** How long to wait, by which nobody need abide; empty when it does not say, or nothing that can be understood. */
    public static Optional<Duration> read(@Nullable String header, Clock clock) {
        if (header == null) {
            return Optional.empty();
        }
        String text = header.strip();
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(Duration.ofSeconds(text.length() > MOST_DIGITS ? LONGEST : Long.parseLong(text)));
        }
        try {
            Instant when = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Optional.of(Duration.between(clock.instant(), when)).filter(wait -> !wait.isNegative());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
