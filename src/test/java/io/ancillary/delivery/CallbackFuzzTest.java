package io.ancillary.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Dice;
import io.ancillary.testsupport.Fuzz;
import io.smallrye.mutiny.Uni;

/**
 * No URL that is accepted leads, by any of the ways in which programs read hosts, to an address that is not public. What is
 * public is said here once more, by the tables of the registries.
 */
class CallbackFuzzTest {
    private static final int URLS = 25_000;
    private static final int ADDRESSES = 25_000;
    private static final String PORT = "(?::\\d*)?";
    private static final List<Network> SPECIAL = Stream.of("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
            "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
            // All but 2000::/3, and of that what is no one's.
            "::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
            .map(Network::parse).toList();
    private static final List<String> PRIVATE = List.of("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "0.0.0.0",
            "100.64.0.1", "172.31.255.255", "224.0.0.1", "255.255.255.255");

    private final CallbackPolicy policy = new CallbackPolicy(List.of(), List.of(), List.of(), List.of(),
            name -> Uni.createFrom().failure(new AssertionError("resolves " + name)));
    private final AddressPolicy addresses = new AddressPolicy(List.of(), List.of(), Set.of());

    @Test
    void acceptsNoUrlThatAnybodyReadsAsPrivate() {
        Fuzz.runText("url", URLS, CallbackFuzzTest::url, url -> {
            if (policy.accepts(url)) {
                assertThat(url).matches("(?i)https?://[a-z0-9._:\\[\\]-]+(/.*|\\?.*)?").doesNotContain("#");
                String dialled = URI.create(url).getHost();
                assertThat(hosts(url)).allSatisfy(host -> assertThat(host).isEqualToIgnoringCase(dialled));
                assertThat(read(dialled).filter(address -> !isPublic(address))).as(dialled).isEmpty();
                assertThat(dialled).doesNotMatch("(?i)localhost\\.?");
            }
            return policy.accepts(url);
        });
    }

    @Test
    void allowsTheVeryAddressesThatTheRegistriesDo() {
        Fuzz.run("address", ADDRESSES, CallbackFuzzTest::address, bytes -> {
            InetAddress address = inet(bytes);
            assertThat(addresses.allows(address, 443)).as(address.getHostAddress()).isEqualTo(isPublic(address));
            return isPublic(address);
        });
    }

    private static boolean isPublic(InetAddress address) {
        return SPECIAL.stream().noneMatch(network -> network.contains(address, 443));
    }

    /** At random, and just beside where networks begin and end. */
    private static byte[] address(Dice dice) {
        Network near = dice.any(SPECIAL);
        byte[] bytes = near.address().getAddress();
        for (int bit = near.prefix(); bit < bytes.length * 8; bit++) {
            if (dice.one(2)) {
                bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
            }
        }
        if (dice.one(2)) {
            int bit = dice.below(bytes.length * 8);
            bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
        }
        return bytes;
    }

    private static String url(Dice dice) {
        String scheme = dice.one(8) ? dice.pick("HTTP://", "https:/", "http:\\\\", "ftp://", "//", "http:///", "http://http://")
                : dice.pick("http://", "https://");
        String user = dice.one(8) ? dice.pick("user@", "user:password@", "example.com@", "@", "%40", "example.com:80@") : "";
        String port = dice.one(3) ? dice.pick(":80", ":8080", ":0", ":65536", ":", ":-1", ":80:80", ":\u0661") : "";
        String path = dice.pick("", "/", "/a?b=c", "?b", "/#f", "#@example.com", "/../", "\\@example.com", "/%00");
        String url = scheme + user + host(dice) + port + path;
        return dice.one(4) ? new String(dice.damaged(url.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8) : url;
    }

    private static String host(Dice dice) {
        if (dice.one(3)) {
            return dice.pick("example.com", "localhost", "a.b", "xn--e1aybc.test", "example.com.", "metadata.google.internal",
                    "127.0.0.1.nip.example", "ex\u00e4mple.com", "\uff4c\uff4f\uff43\uff41\uff4c.host", "a..b", "-", "_a.b",
                    "93.184.216.34");
        }
        byte[] address = dice.one(2) ? inet(dice.any(PRIVATE)).getAddress() : random(dice);
        return dice.one(3) ? v6(dice, address) : v4(dice, address);
    }

    private static byte[] random(Dice dice) {
        return new byte[] { (byte) dice.below(256), (byte) dice.below(256), (byte) dice.below(256), (byte) dice.below(256) };
    }

    private static String v4(Dice dice, byte[] address) {
        int parts = 1 + dice.below(4);
        long rest = new BigInteger(1, address).longValueExact();
        StringBuilder host = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            long part = i < parts - 1 ? rest >> 24 & 0xff : rest >> 8 * (i);
            rest = i < parts - 1 ? rest << 8 & 0xffffffffL : rest;
            host.append(i == 0 ? "" : dice.one(40) ? "\u3002" : ".").append(number(dice, part));
        }
        String spelt = host + (dice.one(6) ? "." : "");
        return dice.one(20) ? fullWidth(spelt) : dice.one(20) ? spelt.replace(".", "%2e") : spelt;
    }

    private static String number(Dice dice, long part) {
        return switch (dice.below(6)) {
            case 0 -> "0" + Long.toOctalString(part);
            case 1 -> "0x" + Long.toHexString(part);
            case 2 -> "0X" + Long.toHexString(part).toUpperCase(Locale.ROOT);
            case 3 -> dice.one(4) ? "00" + part : String.valueOf(part);
            default -> String.valueOf(part);
        };
    }

    private static String fullWidth(String ascii) {
        return ascii.chars().map(it -> it >= '0' && it <= '9' ? it - '0' + '\uff10' : it)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static String v6(Dice dice, byte[] v4) {
        String quad = (v4[0] & 0xff) + "." + (v4[1] & 0xff) + "." + (v4[2] & 0xff) + "." + (v4[3] & 0xff);
        String hex = String.format("%x:%x", (v4[0] & 0xff) << 8 | v4[1] & 0xff, (v4[2] & 0xff) << 8 | v4[3] & 0xff);
        String inside = dice.one(2) ? quad : hex;
        String host = dice.pick("::ffff:" + inside, "::" + inside, "64:ff9b::" + inside, "64:ff9b:1::" + inside,
                "2002:" + hex + "::1",
                "2001:0:" + hex + "::1", "::ffff:0:" + inside, "::1", "::", "fe80::1", "fe80::1%25eth0", "fe80::1%eth0",
                "fd00::1",
                "ff02::1", "2001:db8::1", "3fff::1", "2606:2800:220:1:248:1893:25c8:1946", "0:0:0:0:0:ffff:" + hex, "1::2::3");
        return dice.one(10) ? host : "[" + host + "]";
    }

    /** What others may take for the host: with a backslash for a slash, and with what stands before an at sign or behind. */
    private static List<String> hosts(String url) {
        String rest = url.substring(url.indexOf("//") + 2);
        String authority = rest.split("[/?#\\\\]", 2)[0];
        return Stream.of(authority, authority.substring(authority.lastIndexOf('@') + 1), rest.split("[/?#]", 2)[0])
                .map(it -> it.replaceFirst(PORT + "$", "")).toList();
    }

    /** As inet_aton does, and browsers after they have made a name plain. */
    private static Optional<InetAddress> read(String host) {
        String plain = Normalizer.normalize(URLDecoder.decode(host, StandardCharsets.UTF_8), Normalizer.Form.NFKC)
                .replace('\u3002', '.').toLowerCase(Locale.ROOT);
        if (plain.startsWith("[")) {
            return Optional.of(inet(plain.substring(1, plain.length() - 1)));
        }
        String[] parts = plain.replaceFirst("\\.$", "").split("\\.", -1);
        if (parts.length > 4 || !Stream.of(parts).allMatch(it -> it.matches("0x[0-9a-f]*|[0-9]+"))) {
            return Optional.empty();
        }
        BigInteger address = BigInteger.ZERO;
        for (int i = 0; i < parts.length; i++) {
            BigInteger part = parts[i].startsWith("0x") ? new BigInteger("0" + parts[i].substring(2), 16)
                    : parts[i].matches("0[0-7]+") ? new BigInteger(parts[i], 8) : new BigInteger(parts[i]);
            address = address.add(part.shiftLeft(i == parts.length - 1 ? 0 : 8 * (3 - i)));
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            bytes[i] = address.shiftRight(8 * (3 - i)).byteValue();
        }
        return Optional.of(inet(bytes));
    }

    private static InetAddress inet(String literal) {
        return Network.parse(literal + "/0").address();
    }

    private static InetAddress inet(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
