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
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

import io.quarkus.runtime.LaunchMode;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;

/**
 * Where a callback may go that a client asked for. A URL is judged twice: as text when it arrives, and by what
 * its host's name resolves to when it is about to be dialled.
 */
@ApplicationScoped
public class CallbackPolicy {
    private static final int LONGEST = 2048;
    /** What else there is, a URL writes in percents. */
    private static final Pattern ASCII = Pattern.compile("[!-~]+");
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+(\\.[a-z0-9-]+)+\\.?");
    private static final Pattern DOTTED_QUAD = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
    /** A host whose last label is a number is read as an address by one library or another, however it is spelt. */
    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)\\.?");

    private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1/128");

    private final AddressPolicy addresses;
    private final Set<String> allowedHosts;
    private final Resolver resolver;

    @Inject
    CallbackPolicy(CallbacksConfig config, Vertx vertx, LaunchMode mode) {
        this(hosts(config, mode), networks(config, mode), name -> Uni.createFrom()
                .emitter(answer -> ((VertxInternal) vertx).addressResolver().resolveHostnameAll(name, found -> {
                    if (found.succeeded()) {
                        answer.complete(found.result().stream().map(InetSocketAddress::getAddress).toList());
                    } else {
                        answer.fail(found.cause());
                    }
                })));
    }

    /** Takes names and networks that are allowed besides what is public. */
    public CallbackPolicy(Collection<String> allowedHosts, Collection<String> allowedNetworks, Resolver resolver) {
        this.allowedHosts = allowedHosts.stream().map(host -> host.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
        this.addresses = new AddressPolicy(allowedNetworks.stream().map(Network::parse).toList());
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
        return url.length() <= LONGEST && ASCII.matcher(url).matches() && parse(url).filter(this::accepts).isPresent();
    }

    /**
     * The addresses at which it may be dialled now. What the operator chose goes anywhere; of what a client chose every
     * address that its host's name has must be allowed, or this fails with {@link RefusedException}.
     */
    Uni<List<InetAddress>> addresses(Target target) {
        String host = host(target.to());
        Optional<InetAddress> literal = literal(host);
        if (literal.isPresent()) {
            return target.trusted() || accepts(target.to()) ? Uni.createFrom().item(List.of(literal.get())) : refused();
        }
        return resolver.resolve(host).chain(found -> {
            if (found.isEmpty()) {
                return Uni.createFrom().failure(new UnknownHostException(host));
            }
            boolean allowed = target.trusted() || allowedHosts.contains(host) || found.stream().allMatch(addresses::allows);
            return allowed ? Uni.createFrom().item(found) : refused();
        });
    }

    private static <T> Uni<T> refused() {
        return Uni.createFrom().failure(new RefusedException());
    }

    private boolean accepts(URI url) {
        String host = host(url);
        Optional<InetAddress> literal = literal(host);
        if (literal.isPresent()) {
            return addresses.allows(literal.get());
        }
        return allowedHosts.contains(host) || (NAME.matcher(host).matches() && !ENDS_IN_NUMBER.matcher(host).matches());
    }

    private static Optional<URI> parse(String text) {
        try {
            URI url = new URI(text);
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            boolean plain = url.getRawUserInfo() == null && url.getRawFragment() == null && url.getPort() <= 65535
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
