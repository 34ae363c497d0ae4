package io.ancillary.redis;

import io.ancillary.collation.Collected;
import io.ancillary.collation.PartResult;

/**
 * A member of a collation's sorted set: the index, which makes members of equal outputs differ, then {@code =}
 * and JSON, or {@code !} and an error. Short members keep the set in its compact encoding.
 */
final class OutputMember {

    /** Where the failures of a collation begin, behind all its outputs, as the scripts have it. */
    static final long FAILED_AT = 1L << 40;

    private OutputMember() {
    }

    /** Without the index, which the script puts before it; {@code ~} and attempts stand for one that is put off. */
    static String of(PartResult result) {
        if (result instanceof PartResult.Output output) {
            return "=" + output.json();
        }
        if (result instanceof PartResult.Deferred deferred) {
            return "~" + deferred.attempts();
        }
        return "!" + ((PartResult.Failure) result).error();
    }

    static Collected read(String member) {
        int mark = 0;
        while (Character.isDigit(member.charAt(mark))) {
            mark++;
        }
        String text = member.substring(mark + 1);
        return new Collected(Integer.parseInt(member, 0, mark, 10),
                member.charAt(mark) == '=' ? new PartResult.Output(text) : new PartResult.Failure(text));
    }
}
