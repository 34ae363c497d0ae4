package io.ancillary.collation;

import java.util.Optional;

/**
 * A part as it arrives, before anybody knows whether it is new.
 *
 * @param resource the id of its resource
 * @param index its place, at least the flow's first index
 * @param last whether it says that no higher index follows
 * @param digest stands for its whole content: equal digests are repeats of one part
 * @param body what the processor will work on
 * @param callback where the client wants the outcome delivered
 * @param idempotencyKey for a resource whose id is ours to make: the client's own name for the request
 */
public record Arrival(String resource, int index, boolean last, String digest, String body, Optional<String> callback,
        Optional<String> idempotencyKey) {
}
