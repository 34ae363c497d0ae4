package io.ancillary.http;

import java.util.Optional;

import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;

/** Who makes a request. */
public final class Caller {
    private Caller() {
    }

    /** The address that the request which is being answered comes from. */
    public static String address() {
        return address(CurrentRequestManager.get().unwrap(RoutingContext.class));
    }

    /** The address it comes from, or the one that a proxy passed on if Quarkus was told to believe it. */
    public static String address(RoutingContext context) {
        SocketAddress address = context.request().remoteAddress();
        return Optional.ofNullable(address).map(SocketAddress::hostAddress).or(() -> Optional.ofNullable(address)
                .map(SocketAddress::host)).orElse("");
    }
}
