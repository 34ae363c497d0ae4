package io.ancillary.collation;

import java.time.Instant;

/**
 * One attempt at a delivery, as it is written down.
 *
 * @param at when it began, by the clock of the replica that made it
 * @param took how long each of its phases took
 * @param address that was dialled, such as {@code 192.0.2.1:443}; empty when none was
 * @param status of the answer, or {@link #NO_ANSWER}
 * @param error what went wrong; empty when nothing did
 * @param answer the first bytes of the answer's body, as text
 */
public record Attempt(Instant at, Phases took, String address, int status, String error, String answer) {
    public static final int NO_ANSWER = 0;

    /** One that came to nothing before anything was sent. */
    public static Attempt failed(Instant at, String error) {
        return new Attempt(at, Phases.NONE, "", NO_ANSWER, error, "");
    }

    /**
     * In milliseconds, and {@link #NOT_REACHED} where it did not come to that.
     *
     * @param name to look up the host's name
     * @param connect to connect, TLS included; 0 over a connection that was there
     * @param answer from then until the answer's status and headers were there
     * @param body until the end of the answer, or of what is read of it
     */
    public record Phases(int name, int connect, int answer, int body) {
        public static final int NOT_REACHED = -1;
        public static final Phases NONE = new Phases(NOT_REACHED, NOT_REACHED, NOT_REACHED, NOT_REACHED);
    }
}
