package io.ancillary.collation;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part's id as others are told it: {@code <partition>-<flow>:<resource>:<generation>:<index>}. It stays the same
 * over all attempts at the part, and whoever holds it knows where to look.
 */
public record PartId(int partition, PartName part) {
    /** A resource may have colons in it; what stands behind it has none. */
    private static final Pattern FORM = Pattern
            .compile("(0|[1-9][0-9]{0,3})-([a-z]{1,20}):([A-Za-z0-9._~:-]{1,128}):([0-9a-z-]{1,60}):(0|[1-9][0-9]{0,6})");

    /** Reads what {@link #text} wrote; empty when it is nothing of the kind. */
    public static Optional<PartId> parse(String text) {
        Matcher match = FORM.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        CollationId id = new CollationId(match.group(2), match.group(3));
        return Optional.of(new PartId(Integer.parseInt(match.group(1)),
                new PartName(id, match.group(4), Integer.parseInt(match.group(5)))));
    }

    public String text() {
        CollationId id = part.id();
        return partition + "-" + id.flow() + ":" + id.resource() + ":" + part.generation() + ":" + part.index();
    }
}
