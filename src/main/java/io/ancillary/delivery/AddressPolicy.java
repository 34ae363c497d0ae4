package io.ancillary.delivery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * Which addresses a URL that a client supplied may lead to: public ones, at the ports allowed, and those in the networks
 * given. What is public is what the registries of special-purpose addresses (IANA, for IPv4 and IPv6) do not say otherwise
 * of, less what stands for an IPv4 address, whichever, and what clouds keep for themselves.
 */
final class AddressPolicy {
    private final List<Network> exceptions;
    private final List<Network> denied;
    private final Set<Integer> ports;

    /** Takes the networks that are allowed besides, those that are not, and the ports that are; all when there are none. */
    AddressPolicy(List<Network> exceptions, List<Network> denied, Set<Integer> ports) {
        this.exceptions = List.copyOf(exceptions);
        this.denied = List.copyOf(denied);
        this.ports = Set.copyOf(ports);
    }

    boolean allows(InetAddress address, int port) {
        return denied.stream().noneMatch(it -> it.contains(address, port))
                && ((allowsPort(port) && isPublic(address)) || exceptions.stream().anyMatch(it -> it.contains(address, port)));
    }

    /** Whether any address may be dialled at it. */
    boolean mayAllow(int port) {
        return allowsPort(port) || exceptions.stream().anyMatch(it -> Ports.isMeant(it.port(), port));
    }

    private boolean allowsPort(int port) {
        return ports.isEmpty() || ports.contains(port);
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
                || (first == 198 && (second & 0xfe) == 18)
                // 168.63.129.16: public by its number, and in one large cloud what each machine is governed by
                || (first == 168 && second == 63 && (bytes[2] & 0xff) == 129 && bytes[3] == 16);
    }

    /**
     * Global addresses are in 2000::/3. In it, 2001::/23 is for protocols (Teredo among them), 2001:db8::/32 and 3fff::/20
     * for documentation, and 2002::/16 stands for any IPv4 address whatever. Outside of it are all others that do so: mapped,
     * compatible and translated ones.
     */
    private static boolean isReservedV6(int first, int second, byte[] bytes) {
        boolean protocols = first == 0x20 && second == 1 && (bytes[2] & 0xfe) == 0;
        boolean documentation = (first == 0x20 && second == 1 && bytes[2] == 0x0d && (bytes[3] & 0xff) == 0xb8)
                || (first == 0x3f && second == 0xff && (bytes[2] & 0xf0) == 0);
        boolean anyV4 = first == 0x20 && second == 2;
        return (first & 0xe0) != 0x20 || protocols || documentation || anyV4;
    }
}
