package io.ancillary.http;

import java.time.Duration;
import java.util.Optional;

/** Turns requests away by their first line alone, before anything of them is read: what that costs, a flood pays often. */
public interface Gate {

    /**
     * What is answered instead; empty when the request goes on. From any event loop.
     *
     * @param pace of the event loop that has read it
     */
    Optional<TurnedAway> turnAway(String method, String uri, Pace pace);

    /** How an event loop gets on. */
    enum Pace {
        ON_TIME,
        /** Of late it has gone round for longer than it should, twice in a row. */
        BUSY,
        /** Its present round is much too long, and so was the last: what it reads has waited for that long. */
        LATE;

        public boolean isBusy() {
            return this != ON_TIME;
        }

        public boolean isLate() {
            return this == LATE;
        }
    }

    /**
     * A request that is not worked on.
     *
     * @param body JSON
     * @param retryAfter in whole seconds
     */
    record TurnedAway(int status, String body, Duration retryAfter) {
    }
}
