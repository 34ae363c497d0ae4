package io.ancillary.collation;

/** What became of an arrival. */
public sealed interface Acceptance {

    /** It is in the journal, and the part is the caller's to process. */
    record Accepted(Part part) implements Acceptance {
    }

    /** Same index, same content: it was taken before, and nothing is to be done. */
    record Repeated() implements Acceptance {
    }

    /** It was not taken. */
    record Refused(Refusal refusal) implements Acceptance {
    }

    /** Why an arrival is not taken. */
    enum Refusal {
        /** The index was taken with other content. */
        CONTENT_CONFLICT,
        /** The index lies past the last one. */
        INDEX_BEYOND_LAST,
        /** It claims to be the last, but another is, or a higher index was taken. */
        LAST_CONFLICT,
        /** The resource takes no new parts: it has ended, or is about to. */
        RESOURCE_FINISHED,
        /** As much is open as is allowed. Asking again later is safe and sensible. */
        OVER_CAPACITY
    }
}
