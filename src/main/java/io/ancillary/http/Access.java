package io.ancillary.http;

import java.time.Duration;
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
    private static final int WRONG_AT_ONCE = 10;
    private static final Duration ONE_MORE = Duration.ofSeconds(10);

    private final Optional<BearerToken> operator;
    private final Optional<BearerToken> producer;
    private final Guesses ofOperators = new Guesses("operator token", WRONG_AT_ONCE, ONE_MORE, System::nanoTime);
    private final Guesses ofProducers = new Guesses("producer token", WRONG_AT_ONCE, ONE_MORE, System::nanoTime);
    private final boolean production;

    Access(AccessConfig config, LaunchMode mode) {
        this.operator = BearerToken.configured(config.operatorToken(), config.operatorTokenFile());
        this.producer = BearerToken.configured(config.producerToken(), config.producerTokenFile());
        this.production = mode == LaunchMode.NORMAL;
    }

    void requireOperator(ContainerRequestContext request) {
        if (operator.isPresent()) {
            require(operator.get(), ofOperators, request, "the operator's bearer token is needed");
        } else if (production) {
            deny(request, "operator endpoints are closed: no operator token is set");
        }
    }

    void requireProducer(ContainerRequestContext request) {
        producer.ifPresent(token -> require(token, ofProducers, request, "the producer's bearer token is needed"));
    }

    private static void require(BearerToken token, Guesses guesses, ContainerRequestContext request, String error) {
        Optional<byte[]> presented = BearerToken.presented(request.getHeaderString(HttpHeaders.AUTHORIZATION));
        if (presented.isEmpty()) {
            deny(request, error);
            return;
        }
        switch (guesses.judge(Caller.address(), presented.get(), () -> token.is(presented.get()))) {
            case RIGHT -> {
                // Goes on.
            }
            case WRONG -> deny(request, error);
            case UNHEARD -> throw Caller.unheard(guesses);
        }
    }

    private static void deny(ContainerRequestContext request, String error) {
        request.abortWith(Response.status(Response.Status.UNAUTHORIZED).type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
                .entity(new Problem("unauthorized", error)).build());
    }
}
