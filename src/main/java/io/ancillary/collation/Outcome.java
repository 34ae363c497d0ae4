package io.ancillary.collation;

import java.util.List;

/**
 * What a collation ended as.
 *
 * @param id the collation
 * @param completed whether every index has an output
 * @param first lowest index
 * @param last highest index
 * @param results one for each index received, in index order
 */
public record Outcome(CollationId id, boolean completed, int first, int last, List<Collected> results) {

    /** The number of indices, whether or not each was received. */
    public int size() {
        return last - first + 1;
    }

    /** What one index contributed. */
    public record Collected(int index, PartResult result) {
    }
}
