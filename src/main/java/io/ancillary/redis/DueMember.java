package io.ancillary.redis;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Membership.Due;

/** A collation in the set of what is due: {@code <flow> <generation> <resource>}. */
final class DueMember {

    private DueMember() {
    }

    static String of(CollationId id, String generation) {
        return id.flow() + " " + generation + " " + id.resource();
    }

    static Due read(String member) {
        String[] words = member.split(" ", 3);
        return new Due(new CollationId(words[0], words[2]), words[1]);
    }
}
