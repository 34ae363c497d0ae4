package io.ancillary.collation;

/**
 * A part as it arrives, before anybody knows whether it is new.
 *
 * @param resource the id of its resource
 * @param index its place, at least the flow's first index
 * @param last whether it says that no higher index follows
 * @param digest stands for its whole content: equal digests are repeats of one packet
 * @param body what the processor will work on
 */
public record Arrival(String resource, int index, boolean last, String digest, String body) {
}
