package io.ancillary.collation;

import java.util.List;

/**
 * What a collation ended as.
 *
 * @param of the collation as it ended
 * @param results one for each index received, in index order; a part that was not finished by the deadline has
 *        failed with {@link #DEADLINE}
 */
public record Outcome(Snapshot of, List<Collected> results) {
    /** Why a part failed that was received, and of which nothing was heard until the deadline. */
    public static final String DEADLINE = "deadline";

    public CollationId id() {
        return of.id();
    }

    /** Whether every index has an output. */
    public boolean completed() {
        return of.state() == Snapshot.State.COMPLETED;
    }

    /** The number of indices, whether or not each was received. */
    public int size() {
        return of.upTo() - of.first() + 1;
    }

    /** What one index contributed. */
    public record Collected(int index, PartResult result) {
    }
}
