package io.ancillary.collation;

import java.time.Instant;

import io.ancillary.collation.Attempt.Phases;

/** Attempts as tests want them. */
public final class Attempts {

    private Attempts() {
    }

    /** One that ended so; without an error it went well. */
    public static Attempt attempt(String error) {
        return new Attempt(Instant.EPOCH, new Phases(0, 1, 2, Phases.NOT_REACHED), "127.0.0.1:80", error.isEmpty() ? 200 : 500,
                error, "what it\tsaid");
    }
}
