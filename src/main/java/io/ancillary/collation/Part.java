package io.ancillary.collation;

/**
 * A part accepted into a journal and not yet collated.
 *
 * @param entry its place in the journal of the replica that holds it, which is also the claim to it; journals of
 *        other replicas may have entries of the same name
 * @param id the collation it belongs to
 * @param generation the life of the resource it was accepted for
 * @param deaths how often a replica died that held it, the first time, and that was at work on it, from then on
 * @param attempts how often it was given to the processor before it was last put off
 */
public record Part(String entry, CollationId id, String generation, int index, int deaths, int attempts, String body) {

    /** Whether it may be what its last holder died of. */
    public boolean isSuspect() {
        return deaths > 0;
    }

    /** The same, when no more is held against it than that a replica died that held it. */
    public Part acquitted() {
        return new Part(entry, id, generation, index, 1, attempts, body);
    }

    /** The same, where it is now. */
    public Part movedTo(String newEntry) {
        return new Part(newEntry, id, generation, index, deaths, attempts, body);
    }

    /** Its name, for ever. */
    public PartName name() {
        return new PartName(id, generation, index);
    }
}
