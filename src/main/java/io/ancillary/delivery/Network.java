package io.ancillary.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network in CIDR notation, of either family.
 *
 * @param prefix how many of its leading bits an address must share
 * @param port the one port that is meant; empty when all are
 */
public record Network(InetAddress address, int prefix, OptionalInt port) {
    /** Nothing that would have to be looked up. */
    private static final Pattern FORM = Pattern
            .compile("(\\d+(?:\\.\\d+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)/(\\d{1,3})(?::(\\d{1,5}))?");

    /** Reads {@code 10.1.0.0/16}, {@code fd00::/8} or {@code 10.1.0.0/16:8443}; fails with {@link IllegalArgumentException}. */
    public static Network parse(String cidr) {
        Matcher parts = FORM.matcher(cidr);
        try {
            if (parts.matches()) {
                InetAddress address = InetAddress.getByName(parts.group(1));
                int prefix = Integer.parseInt(parts.group(2));
                OptionalInt port = Ports.read(parts.group(3));
                if (prefix <= address.getAddress().length * 8) {
                    return new Network(address, prefix, port);
                }
            }
        } catch (UnknownHostException | IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException("\"" + cidr + "\" is not a network such as 10.1.0.0/16 or 10.1.0.0/16:8443");
    }

    boolean contains(InetAddress other, int itsPort) {
        return Ports.isMeant(port, itsPort) && contains(other);
    }

    private boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> bit % 8;
            if ((mine[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
