package io.ancillary.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.delivery.CallbackPolicy.RefusedException;
import io.smallrye.mutiny.Uni;

/** Where a callback may go that a client asked for. */
class CallbackPolicyTest {
    private final CallbackPolicy production = policy(List.of(), List.of());

    @ParameterizedTest
    @ValueSource(strings = { "http://example.com", "https://example.com/a?b=c", "HTTPS://Example.COM:8443/", "http://a.b",
            "http://93.184.216.34/", "http://[2606:2800:220:1:248:1893:25c8:1946]/", "http://example.com./" })
    void accepts_whatIsPublic(String url) {
        assertThat(production.accepts(url)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "example.com", "//example.com", "ftp://example.com", "javascript:alert(1)", "http:///a",
            "http://", "http://intranet/", "http://user@example.com/", "http://user:password@example.com/",
            "http://example.com/#fragment", "http://example.com:0/", "http://example.com:65536/", "http://exa mple.com/",
            "http://example.com\n/", "http://.example.com/", "http://example..com/",
            "http://my_host.example.com/", "http://example.com/é", "http://example.com/\ud83d\ude00" })
    void refuses_whatIsNoUrlToCall(String url) {
        assertThat(production.accepts(url)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://172.16.0.1/",
            "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://100.64.0.1/",
            "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/", "http://198.18.0.1/", "http://[::1]/",
            "http://[::]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]/", "http://[ff02::1]/",
            "http://[fe80::1%25eth0]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "http://[2001::1]/",
            "http://[2001:db8::1]/", "http://[::127.0.0.1]/", "http://192.0.2.1/", "http://198.51.100.1/",
            "http://203.0.113.1/", "http://192.88.99.1/" })
    void refuses_whatIsNotPublic(String url) {
        assertThat(production.accepts(url)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://2130706433/", "http://127.1/", "http://0177.0.0.1/", "http://0x7f.0.0.1/",
            "http://0x7f000001/", "http://127.0.0.1./", "http://a.b.0x7f/", "http://256.1.1.1/" })
    void refuses_addressesInOddSpellings(String url) {
        assertThat(production.accepts(url)).isFalse();
    }

    @Test
    void refuses_whatIsLongerThan2048() {
        String longest = "http://example.com/" + "a".repeat(2048 - 19);

        assertThat(production.accepts(longest)).isTrue();
        assertThat(production.accepts(longest + "a")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://127.0.0.1:8080/", "http://10.1.2.3/", "http://[fd00::1]/", "http://intranet/",
            "http://INTRANET/" })
    void accepts_whatTheOperatorAllowsBesides(String url) {
        assertThat(policy(List.of("intranet"), List.of("127.0.0.0/8", "10.1.0.0/16", "fd00::/8")).accepts(url)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://10.2.0.1/", "http://[fe80::1]/", "http://intranet2/" })
    void refuses_whatTheOperatorDoesNotMean(String url) {
        assertThat(policy(List.of("intranet"), List.of("127.0.0.0/8", "10.1.0.0/16", "fd00::/8")).accepts(url)).isFalse();
    }

    @Test
    void doesNotDial_whenOneOfTheNamesAddressesIsNotAllowed() {
        assertThat(dials("http://two.example/", "93.184.216.34", "10.0.0.1")).isFalse();
    }

    @Test
    void dials_whenAllOfTheNamesAddressesAreAllowed() {
        assertThat(dials("http://two.example/", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946")).isTrue();
    }

    @Test
    void doesNotDial_whenTheNameHasNoAddress() {
        assertThat(dials("http://none.example/")).isFalse();
    }

    private static boolean dials(String url, String... addresses) {
        return policy(List.of(), List.of(), addresses).addresses(new Target(URI.create(url), false))
                .map(found -> true).onFailure(RefusedException.class).recoverWithItem(false)
                .onFailure(UnknownHostException.class).recoverWithItem(false).await().indefinitely();
    }

    private static CallbackPolicy policy(List<String> hosts, List<String> networks, String... addresses) {
        List<InetAddress> found = Stream.of(addresses).map(CallbackPolicyTest::address).toList();
        return new CallbackPolicy(hosts, networks, name -> Uni.createFrom().item(found));
    }

    private static InetAddress address(String literal) {
        return Network.parse(literal + (literal.contains(":") ? "/128" : "/32")).address();
    }
}
