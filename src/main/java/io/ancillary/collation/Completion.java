package io.ancillary.collation;

import java.util.Optional;

/** What became of an output that came after its part had been put off. */
public sealed interface Completion {

    /**
     * It is the part's output.
     *
     * @param delivery when it was the last one awaited: in flight at the caller, who makes it at once
     */
    record Taken(Optional<Delivery> delivery) implements Completion {
    }

    /**
     * It would have been, but is more than its collation may hold. A part that was put off has failed by it; one that
     * somebody holds in a journal is still theirs to process.
     */
    record TooLarge(Optional<Delivery> delivery) implements Completion {
    }

    /** The part has this output already. */
    record Repeated() implements Completion {
    }

    /** The part has another output. */
    record Conflict() implements Completion {
    }

    /** As much is under way as is allowed; it was not taken, and may be given again. */
    record OverCapacity() implements Completion {
    }

    /** Somebody else wrote to what is kept of its collation, so that nothing can be added. */
    record Broken() implements Completion {
    }

    /** The part waits for none any more: its collation ended, was dropped or lives another life, or it has failed. */
    record Gone() implements Completion {
    }
}
