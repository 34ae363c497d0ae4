package io.ancillary.collation;

/** Names one collation: the flow's name and the id of the resource within it. */
public record CollationId(String flow, String resource) {
}
