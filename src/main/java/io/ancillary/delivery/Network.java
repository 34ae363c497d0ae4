package io.ancillary.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network in CIDR notation, of either family.
 *
 * @param prefix how many of its leading bits an address must share
 */
public record Network(InetAddress address, int prefix) {
    /** Nothing that would have to be looked up. */
    private static final Pattern LITERAL = Pattern.compile("\\d+(\\.\\d+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /** Reads {@code 10.1.0.0/16} or {@code fd00::/8}; fails with {@link IllegalArgumentException}. */
    public static Network parse(String cidr) {
        int slash = cidr.indexOf('/');
        String literal = slash < 0 ? "" : cidr.substring(0, slash);
        try {
            if (LITERAL.matcher(literal).matches()) {
                InetAddress address = InetAddress.getByName(literal);
                int prefix = Integer.parseInt(cidr.substring(slash + 1));
                if (prefix >= 0 && prefix <= address.getAddress().length * 8) {
                    return new Network(address, prefix);
                }
            }
        } catch (UnknownHostException | NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("\"" + cidr + "\" is not a network such as 10.1.0.0/16");
    }

    boolean contains(InetAddress other) {
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
