package io.ancillary.collation;

import java.util.Optional;

/**
 * One outcome on its way to one webhook.
 *
 * @param id stable over all attempts
 * @param collation whose outcome it is
 * @param generation in which life of the resource
 * @param highest the highest index of that life: it tells which keys are the resource's
 * @param attempts made and settled so far, since it was begun or somebody had it begun again
 * @param bytes of all its outputs together
 * @param callback where the client wants it; empty when the operator says so
 */
public record Delivery(String id, CollationId collation, String generation, int highest, int attempts, long bytes,
        Optional<String> callback) {
    /** The highest index, and the bytes of all outputs, up to which an outcome is small. */
    public static final int FEW = 64;
    public static final int SHORT = 8 * 1024;

    /** Whether a part's result that ends the collation is answered with all of its outcome. */
    public boolean isSmall() {
        return highest <= FEW && bytes <= SHORT;
    }
}
