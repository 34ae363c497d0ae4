package io.ancillary.collation;

/**
 * A part accepted into a journal and not yet collated.
 *
 * @param entry its place in the journal of the replica that holds it, which is also the claim to it; journals of
 *        other replicas may have entries of the same name
 * @param id the collation it belongs to
 * @param generation the life of the resource it was accepted for
 * @param moves how often it changed hands between journals
 * @param attempts how often it was given to the processor before it was last put off
 */
public record Part(String entry, CollationId id, String generation, int index, int moves, int attempts, String body) {

    /** Its name, for ever. */
    public PartName name() {
        return new PartName(id, generation, index);
    }
}
