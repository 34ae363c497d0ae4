package io.ancillary.collation;

/** Names one part for ever: where it belongs, in which life of its resource, and its place there. */
public record PartName(CollationId id, String generation, int index) {
}
