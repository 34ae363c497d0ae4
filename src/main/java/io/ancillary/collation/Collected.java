package io.ancillary.collation;

/** What one index contributed to a collation. */
public record Collected(int index, PartResult result) {
    /** Why a part failed that was received, and of which nothing was heard until the deadline. */
    public static final String DEADLINE = "deadline";
}
