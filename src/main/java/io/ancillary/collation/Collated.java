package io.ancillary.collation;

import java.util.Optional;

/** What became of a processed part. */
public sealed interface Collated {

    /** Somebody else took it out of the journal: its result is theirs to give. */
    record Lost() implements Collated {
    }

    /** Its resource was dropped meanwhile. */
    record Stale() implements Collated {
    }

    /** Its collation ended before it, by the deadline: that it came is recorded, and changes nothing. */
    record Late() implements Collated {
    }

    /** Its result is in the collation, and others are awaited. */
    record Added() implements Collated {
    }

    /** It is put off: it waits in the store for its output to come. */
    record Parked() implements Collated {
    }

    /**
     * Nothing can be added to its collation, since somebody else wrote to what is kept of it. The part is dead, and may
     * be retried once that is put right.
     */
    record Broken(String problem) implements Collated {
    }

    /** Likewise, but not even that could be written down: it is in the journal as before. */
    record Stuck(String problem) implements Collated {
    }

    /**
     * Its output was the last one awaited. The delivery is in flight at the caller, who makes it at once.
     *
     * @param outcome what is delivered, if it {@linkplain Delivery#isSmall() is small}: nobody need ask for it
     */
    record Ended(Delivery delivery, Optional<OutcomePage> outcome) implements Collated {
    }
}
