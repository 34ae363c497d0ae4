package io.ancillary.http;

import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.quarkus.runtime.LaunchMode;

/**
 * Who may call what. The intake is open unless a token is set; what operates the service is closed unless one
 * is, except in dev mode and tests.
 */
@ApplicationScoped
class Access {
    private final Optional<BearerToken> operator;
    private final Optional<BearerToken> producer;
    private final boolean production;

    Access(AccessConfig config, LaunchMode mode) {
        this.operator = BearerToken.configured(config.operatorToken(), config.operatorTokenFile());
        this.producer = BearerToken.configured(config.producerToken(), config.producerTokenFile());
        this.production = mode == LaunchMode.NORMAL;
    }

    void requireOperator(ContainerRequestContext request) {
        if (operator.isPresent()) {
            require(operator.get(), request, "the operator's bearer token is needed");
        } else if (production) {
            deny(request, "operator endpoints are closed: no operator token is set");
        }
    }

    void requireProducer(ContainerRequestContext request) {
        producer.ifPresent(token -> require(token, request, "the producer's bearer token is needed"));
    }

    private static void require(BearerToken token, ContainerRequestContext request, String error) {
        if (!token.admits(request.getHeaderString(HttpHeaders.AUTHORIZATION))) {
            deny(request, error);
        }
    }

    private static void deny(ContainerRequestContext request, String error) {
        request.abortWith(Response.status(Response.Status.UNAUTHORIZED).type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
                .entity(new Problem("unauthorized", error)).build());
    }
}
