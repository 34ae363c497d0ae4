package io.ancillary.testsupport;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;

/**
 * One call as it reached a {@link ServiceStub}.
 *
 * @param number how many calls had reached it by then, this one included
 */
public record ServiceCall(int number, String path, MultiMap headers, String body, long arrivalNanos) {

    /** What the call is about: a packet's payload or, of a session, the driver's token. */
    public String subject() {
        JsonObject json = new JsonObject(body);
        return json.getString("payload", json.getString("driver_token"));
    }

    /** Whether it asks for the output of a packet, rather than for a decision. */
    boolean isPacket() {
        return new JsonObject(body).containsKey("payload");
    }

    /** A header's value; null when it did not come. */
    public String header(String name) {
        return headers.get(name);
    }

    /** Where the part may be completed; null when it did not say. */
    public String completionUrl() {
        return header("Ancillary-Completion-Url");
    }

    /** Names the part. */
    public String key() {
        return header("Idempotency-Key");
    }
}
