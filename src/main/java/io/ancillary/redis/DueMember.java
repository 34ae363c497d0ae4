package io.ancillary.redis;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Membership.Retirement;

/** A clean-up in the set of what is due: {@code retire <flow> <generation> <resource>}. */
final class DueMember {

    private DueMember() {
    }

    static String of(CollationId id, String generation) {
        return "retire " + id.flow() + " " + generation + " " + id.resource();
    }

    static Retirement read(String member) {
        String[] words = member.split(" ", 4);
        return new Retirement(new CollationId(words[1], words[3]), words[2]);
    }
}
