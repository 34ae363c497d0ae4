package io.ancillary.http;

import java.util.Optional;

import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;

import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;

/** Who makes the request that is being answered. */
public final class Caller {
    private Caller() {
    }

    /** The address it comes from, or the one that a proxy passed on if Quarkus was told to believe it. */
    public static String address() {
        SocketAddress address = CurrentRequestManager.get().unwrap(RoutingContext.class).request().remoteAddress();
        return Optional.ofNullable(address).map(SocketAddress::hostAddress).or(() -> Optional.ofNullable(address)
                .map(SocketAddress::host)).orElse("");
    }

    /** Says so to one whose token is not looked at. */
    public static ProblemException unheard(Guesses guesses) {
        return ProblemException.tooMany("too_many_attempts",
                "there were too many wrong tokens: this one was not looked at", guesses.oneMore());
    }
}
