package io.ancillary.collation;

/**
 * One outcome on its way to one webhook.
 *
 * @param id stable over all attempts
 * @param collation whose outcome it is
 * @param generation in which life of the resource
 * @param highest the highest index of that life: it tells which keys are the resource's
 * @param attempts made and settled so far
 * @param bytes of all its outputs together
 */
public record Delivery(String id, CollationId collation, String generation, int highest, int attempts,
        long bytes) {
}
