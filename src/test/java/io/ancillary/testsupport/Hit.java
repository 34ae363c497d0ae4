package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Map;

/**
 * One whole request as it came to a {@link Receiver}: when its last byte was in, by the wall clock and by
 * {@link System#nanoTime}; its header {@code webhook-id}, or the empty string; its headers by lower-cased name, of those
 * that came more than once all values, separated by commas; its path with its query.
 */
public record Hit(Instant at, long nanos, String webhookId, Map<String, String> headers, String path, byte[] body) {

    static Hit now(Map<String, String> headers, String path, byte[] body) {
        return new Hit(Instant.now(), System.nanoTime(), headers.getOrDefault("webhook-id", ""), Map.copyOf(headers),
                path, body);
    }

    public String text() {
        return new String(body, UTF_8);
    }

    /** Whether this was to be the last request on its connection. */
    boolean isLast() {
        return headers.getOrDefault("connection", "").equalsIgnoreCase("close");
    }
}
