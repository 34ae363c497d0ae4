package io.ancillary.http;

import java.time.Duration;
import java.util.Optional;

/** Turns requests away by their first line alone, before anything of them is read: what that costs, a flood pays often. */
public interface Gate {

    /**
     * What is answered instead; empty when the request goes on. From any event loop.
     *
     * @param late whether it has waited for long before it was read
     */
    Optional<TurnedAway> turnAway(String method, String uri, boolean late);

    /**
     * A request that is not worked on.
     *
     * @param body JSON
     * @param retryAfter in whole seconds
     */
    record TurnedAway(int status, String body, Duration retryAfter) {
    }
}
