package io.ancillary.delivery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/** Which addresses a URL that a client supplied may lead to: public ones, and those in the networks given. */
final class AddressPolicy {
    private final List<Network> exceptions;

    AddressPolicy(List<Network> exceptions) {
        this.exceptions = List.copyOf(exceptions);
    }

    boolean allows(InetAddress address) {
        return isPublic(address) || exceptions.stream().anyMatch(network -> network.contains(address));
    }

    private static boolean isPublic(InetAddress address) {
        return !(address.isLoopbackAddress() || address.isAnyLocalAddress() || address.isLinkLocalAddress()
                || address.isSiteLocalAddress() || address.isMulticastAddress()
                || isReserved(address.getAddress(), address instanceof Inet4Address));
    }

    /** What the platform has no word for. */
    private static boolean isReserved(byte[] bytes, boolean v4) {
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (!v4) {
            // fc00::/7, private in all but name
            return (first & 0xfe) == 0xfc;
        }
        return first == 0 || first >= 240
        // 100.64.0.0/10, shared by the customers of a carrier
                || (first == 100 && (second & 0xc0) == 64)
                // 192.0.0.0/24 and 198.18.0.0/15: protocols and benchmarks
                || (first == 192 && second == 0 && bytes[2] == 0)
                || (first == 198 && (second & 0xfe) == 18);
    }
}
