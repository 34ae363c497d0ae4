package io.ancillary.delivery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import io.quarkus.runtime.LaunchMode;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;

/**
 * Where a callback may go that a client asked for. A URL is judged twice: as text when it arrives, and by what
 * its host's name resolves to when it is about to be dialled.
 */
@Singleton
public class CallbackPolicy {
    private static final int LONGEST = 2048;
    private static final Pattern NAME = Pattern.compile("(?=.{1,254}$)[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})+\\.?");
    private static final Pattern DOTTED_QUAD = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

    private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");

    private final AddressPolicy addresses;
    private final List<AllowedHost> allowedHosts;
    private final Resolver resolver;

    @Inject
    CallbackPolicy(CallbacksConfig config, Vertx vertx, LaunchMode mode) {
        this(hosts(config, mode), networks(config, mode), config.deniedNetworks().orElse(List.of()),
                config.allowedPorts().orElse(List.of()), name -> Uni.createFrom()
                        .emitter(answer -> ((VertxInternal) vertx).addressResolver().resolveHostnameAll(name, found -> {
                            if (found.succeeded()) {
                                answer.complete(found.result().stream().map(InetSocketAddress::getAddress).toList());
                            } else {
                                answer.fail(found.cause());
                            }
                        })));
    }

    /**
     * Takes names and networks that are allowed besides what is public, networks that are not, and the ports that are; all
     * when there are none.
     */
    public CallbackPolicy(Collection<String> allowedHosts, Collection<String> allowedNetworks,
            Collection<String> deniedNetworks, Collection<Integer> ports, Resolver resolver) {
        this.allowedHosts = allowedHosts.stream().map(AllowedHost::parse).toList();
        this.addresses = new AddressPolicy(allowedNetworks.stream().map(Network::parse).toList(),
                deniedNetworks.stream().map(Network::parse).toList(), Set.copyOf(ports));
        this.resolver = resolver;
    }

    private static List<String> hosts(CallbacksConfig config, LaunchMode mode) {
        List<String> hosts = new ArrayList<>(config.allowedHosts().orElse(List.of()));
        if (mode != LaunchMode.NORMAL) {
            hosts.add("localhost");
        }
        return hosts;
    }

    private static List<String> networks(CallbacksConfig config, LaunchMode mode) {
        List<String> networks = new ArrayList<>(config.allowedNetworks().orElse(List.of()));
        if (mode != LaunchMode.NORMAL) {
            networks.addAll(LOOPBACK);
        }
        return networks;
    }

    /** Whether a callback may be asked for with this URL: its form, and the address if it holds one. */
    public boolean accepts(String url) {
        return url.length() <= LONGEST && isVisibleAscii(url) && parse(url).filter(this::accepts).isPresent();
    }

    /** What else there is, a URL writes in percents. */
    private static boolean isVisibleAscii(String url) {
        for (int i = 0; i < url.length(); i++) {
            if (url.charAt(i) <= ' ' || url.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    /**
     * The addresses at which it may be dialled now: none but these, and no name after this. What the operator chose goes
     * anywhere; of what a client chose, each address that the host's name has is judged, and those that are not allowed are
     * left out. Fails with {@link RefusedException} when none is left.
     */
    Uni<List<InetAddress>> addresses(Target target) {
        String host = host(target.to());
        Optional<InetAddress> literal = literal(host);
        if (!target.trusted() && !accepts(host, literal, Ports.of(target.to()))) {
            return refused();
        }
        if (literal.isPresent()) {
            return Uni.createFrom().item(List.of(literal.get()));
        }
        return resolver.resolve(host).chain(found -> {
            if (found.isEmpty()) {
                return Uni.createFrom().failure(new UnknownHostException(host));
            }
            int port = Ports.of(target.to());
            List<InetAddress> allowed = target.trusted() || isAllowedHost(host, port) ? found
                    : found.stream().filter(address -> addresses.allows(address, port)).toList();
            return allowed.isEmpty() ? refused() : Uni.createFrom().item(allowed);
        });
    }

    private static <T> Uni<T> refused() {
        return Uni.createFrom().failure(new RefusedException());
    }

    private boolean accepts(URI url) {
        String host = host(url);
        return accepts(host, literal(host), Ports.of(url));
    }

    private boolean accepts(String host, Optional<InetAddress> literal, int port) {
        if (literal.isPresent()) {
            return addresses.allows(literal.get(), port);
        }
        return isAllowedHost(host, port) || (addresses.mayAllow(port) && NAME.matcher(host).matches()
                && !AllowedHost.ENDS_IN_NUMBER.matcher(host).matches());
    }

    private boolean isAllowedHost(String host, int port) {
        return allowedHosts.stream().anyMatch(it -> it.is(host, port));
    }

    private static Optional<URI> parse(String text) {
        try {
            URI url = new URI(text);
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            boolean plain = url.getRawUserInfo() == null && url.getRawFragment() == null && url.getPort() <= Ports.HIGHEST
                    && url.getPort() != 0;
            return web && plain && url.getHost() != null ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String host(URI url) {
        return url.getHost().toLowerCase(Locale.ROOT);
    }

    /** The address that a host is, when it is one; never asks anybody. */
    private static Optional<InetAddress> literal(String host) {
        boolean v6 = host.startsWith("[") && host.endsWith("]") && !host.contains("%");
        if (!v6 && !DOTTED_QUAD.matcher(host).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** It leads where no callback may go. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        RefusedException() {
            super("the callback's address is not allowed", null, false, false);
        }
    }

    /** All addresses of a name. */
    @FunctionalInterface
    public interface Resolver {
        Uni<List<InetAddress>> resolve(String name);
    }
}
