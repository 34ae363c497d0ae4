package io.ancillary.collation;

/** What a processor made of a part. */
public sealed interface PartResult {

    /** An output: any one JSON value, as text. */
    record Output(String json) implements PartResult {
    }

    /** No output, for good. */
    record Failure(String error) implements PartResult {
    }

    /**
     * None yet: the processor has taken the part on and answers for it later, see {@link Membership#complete}. The
     * part waits in the store, and is processed again when its time is up.
     *
     * @param attempts how often the part was given to the processor, this time included
     */
    record Deferred(int attempts) implements PartResult {
    }
}
