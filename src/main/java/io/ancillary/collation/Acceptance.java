package io.ancillary.collation;

/** What became of an arrival. */
public sealed interface Acceptance {

    /** It is in the journal, and the part is the caller's to process. */
    record Accepted(Part part) implements Acceptance {
    }

    /** It was taken before, for this resource, and nothing is to be done. */
    record Repeated(String resource) implements Acceptance {
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
        /** The idempotency key was used with other content. */
        IDEMPOTENCY_CONFLICT,
        /** Neither the arrival nor its collation says where to deliver to, and nobody else does. */
        NO_WEBHOOK,
        /** Somebody else wrote to what is kept of the resource, so that nothing can be taken for it. */
        BROKEN,
        /** As much is in the journal as is allowed. Asking again soon is safe and sensible. */
        OVER_CAPACITY,
        /** As much is open, put off or dead as is allowed: that takes its time, or an operator. */
        HELD_UP
    }
}
