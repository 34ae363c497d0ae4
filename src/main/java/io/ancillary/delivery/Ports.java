package io.ancillary.delivery;

import java.net.URI;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

/** Ports of URLs, and those that an exception is made for. */
public final class Ports {
    static final int HIGHEST = 65_535;
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private Ports() {
    }

    /** The port that is dialled, named or not. */
    public static int of(URI url) {
        return url.getPort() >= 0 ? url.getPort() : "https".equalsIgnoreCase(url.getScheme()) ? HTTPS : HTTP;
    }

    /** Reads one, or nothing from nothing; fails with {@link IllegalArgumentException}. */
    static OptionalInt read(@Nullable String digits) {
        if (digits == null) {
            return OptionalInt.empty();
        }
        int port = Integer.parseInt(digits);
        if (port < 1 || port > HIGHEST) {
            throw new IllegalArgumentException("\"" + digits + "\" is not a port");
        }
        return OptionalInt.of(port);
    }

    static boolean isMeant(OptionalInt port, int other) {
        return port.isEmpty() || port.getAsInt() == other;
    }
}
