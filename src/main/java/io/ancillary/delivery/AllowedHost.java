package io.ancillary.delivery;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name that may be called back whatever it resolves to.
 *
 * @param name in lower case
 * @param port the one port that is meant; empty when all are
 */
public record AllowedHost(String name, OptionalInt port) {
    private static final Pattern FORM = Pattern.compile("([a-z0-9_-]+(?:\\.[a-z0-9_-]+)*\\.?)(?::(\\d{1,5}))?");
    /** A host whose last label is a number is read as an address by one library or another, however it is spelt. */
    static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)\\.?");

    /** Reads {@code hooks.internal} or {@code hooks.internal:8443}; fails with {@link IllegalArgumentException}. */
    public static AllowedHost parse(String text) {
        Matcher parts = FORM.matcher(text.toLowerCase(Locale.ROOT));
        try {
            // An address is a network.
            if (parts.matches() && !ENDS_IN_NUMBER.matcher(parts.group(1)).matches()) {
                return new AllowedHost(parts.group(1), Ports.read(parts.group(2)));
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException("\"" + text + "\" is not a name such as hooks.internal or hooks.internal:8443");
    }

    boolean is(String host, int itsPort) {
        return name.equals(host) && Ports.isMeant(port, itsPort);
    }
}
