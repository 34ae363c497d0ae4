package io.ancillary.redis;

import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Part;

/** A part that some replica holds, or held until it was collated. */
final class HeldPart {
    private final Twin<Part> part;
    private final String holder;
    private boolean collated;

    HeldPart(Twin<Part> part, String holder) {
        this.part = part;
        this.holder = holder;
    }

    Twin<Part> twin() {
        return part;
    }

    String holder() {
        return holder;
    }

    Part first() {
        return part.model();
    }

    Twin<Due> due() {
        return part.map(it -> new Due(it.id(), it.generation()));
    }

    Flow flow() {
        return Chance.flow(first().id().flow());
    }

    boolean isCollated() {
        return collated;
    }

    void takenOut() {
        collated = true;
    }

    boolean isSame(Twin<Part> other) {
        return first().entry().equals(other.model().entry());
    }
}
