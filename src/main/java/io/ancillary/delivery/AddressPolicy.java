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
            return isReservedV6(first, second, bytes);
        }
        return first == 0 || first >= 240
        // 100.64.0.0/10, shared by the customers of a carrier
                || (first == 100 && (second & 0xc0) == 64)
                // protocols, documentation, an old relay and benchmarks
                || (first == 192 && second == 0 && (bytes[2] == 0 || bytes[2] == 2))
                || (first == 192 && second == 88 && bytes[2] == 99)
                || (first == 198 && second == 51 && bytes[2] == 100)
                || (first == 203 && second == 0 && bytes[2] == 113)
                || (first == 198 && (second & 0xfe) == 18);
    }

    /**
     * Global addresses are in 2000::/3. In it, 2001::/23 is for protocols (Teredo among them), 2001:db8::/32 for
     * documentation, and 2002::/16 stands for any IPv4 address whatever.
     */
    private static boolean isReservedV6(int first, int second, byte[] bytes) {
        boolean protocols = first == 0x20 && second == 1 && (bytes[2] & 0xfe) == 0;
        boolean documentation = first == 0x20 && second == 1 && bytes[2] == 0x0d && (bytes[3] & 0xff) == 0xb8;
        boolean anyV4 = first == 0x20 && second == 2;
        return (first & 0xe0) != 0x20 || protocols || documentation || anyV4;
    }
}
