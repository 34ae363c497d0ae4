package io.ancillary.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
            "http://203.0.113.1/", "http://192.88.99.1/", "http://192.0.0.192/", "http://100.100.100.200/",
            "http://168.63.129.16/", "http://[3fff::1]/", "http://[fec0::1]/", "http://[5f00::1]/", "http://[100::1]/",
            "http://[fd00:ec2::254]/", "http://[::ffff:0:10.0.0.1]/", "http://[64:ff9b:1::a00:1]/" })
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

    @ParameterizedTest
    @ValueSource(strings = { "http://hooks.internal:8443/", "http://anything.example/", "http://93.184.216.34:443/",
            "http://10.1.2.3:8443/", "http://10.9.2.3:9000/", "http://maybe.example:9000/" })
    void accepts_portsThatAreAllowed_orAnExceptionNames(String url) {
        assertThat(withPorts().accepts(url)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "http://hooks.internal:9443/", "http://anything.example:22/",
            "http://93.184.216.34:9000/", "http://1.2.3.4/", "http://10.1.9.1:8443/", "http://10.1.2.3/",
            "http://10.9.2.3:8443/" })
    void refuses_portsThatAreNot_andNetworksThatAreDenied(String url) {
        assertThat(withPorts().accepts(url)).isFalse();
    }

    private static CallbackPolicy withPorts() {
        return new CallbackPolicy(List.of("Hooks.internal:8443"), List.of("10.1.0.0/16:8443", "10.9.0.0/16:9000"),
                List.of("1.2.0.0/16", "10.1.9.0/24"), List.of(80, 443), name -> Uni.createFrom().item(List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = { "a b", "", "10.1.2.3", "host:", "host:0", "host:65536", "host:1:2", "http://host", "host/", ".",
            "ho\u00fcst", "0x7f", "[::1]" })
    void isNoHost(String text) {
        assertThatThrownBy(() -> AllowedHost.parse(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a name such as");
    }

    @ParameterizedTest
    @ValueSource(strings = { "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "300.0.0.0/8", "::/129", "fd00::/8:0",
            "10.0.0.0/8:", "10.0.0.0/8:65536", "host/8", "::1%lo/128", "" })
    void isNoNetwork(String text) {
        assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a network such as");
    }

    @Test
    void dialsOnlyWhatIsAllowed_ofAllThatTheNameLeadsTo() {
        assertThat(dialled("http://two.example/", "10.0.0.1", "93.184.216.34", "::1", "127.0.0.1"))
                .containsExactly(address("93.184.216.34"));
    }

    @Test
    void dialsNothing_whenNoneOfThemIs() {
        assertThatThrownBy(() -> dialled("http://two.example/", "10.0.0.1", "fd00::1")).isInstanceOf(RefusedException.class);
    }

    @Test
    void dialsWhatWasTakenInOnlyWhileItIsStillAllowed() {
        assertThatThrownBy(() -> dialled("http://intranet/", "93.184.216.34")).isInstanceOf(RefusedException.class);
    }

    @Test
    void dialsAnything_whenTheOperatorChoseIt() {
        assertThat(policy(List.of(), List.of(), "10.0.0.1").addresses(new Target(URI.create("http://intranet/"), true))
                .await().indefinitely()).containsExactly(address("10.0.0.1"));
    }

    @Test
    void dialsNothing_whenTheNameHasNoAddress() {
        assertThatThrownBy(() -> dialled("http://none.example/")).hasCauseInstanceOf(UnknownHostException.class);
    }

    private static List<InetAddress> dialled(String url, String... addresses) {
        return policy(List.of(), List.of(), addresses).addresses(new Target(URI.create(url), false)).await().indefinitely();
    }

    private static CallbackPolicy policy(List<String> hosts, List<String> networks, String... addresses) {
        List<InetAddress> found = Stream.of(addresses).map(CallbackPolicyTest::address).toList();
        return new CallbackPolicy(hosts, networks, List.of(), List.of(), name -> Uni.createFrom().item(found));
    }

    private static InetAddress address(String literal) {
        return Network.parse(literal + (literal.contains(":") ? "/128" : "/32")).address();
    }
}
