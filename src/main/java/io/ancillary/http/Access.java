package io.ancillary.http;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.ancillary.http.Guesses.Verdict;
import io.quarkus.runtime.LaunchMode;

/**
 * Who may call what. The intake is open unless a token is set; what operates the service is closed unless one
 * is, except in dev mode and tests.
 */
@ApplicationScoped
public class Access {
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

    /** Fails with a {@link ProblemException} unless the header holds the operator's token. */
    void requireOperator(@Nullable String authorization, Supplier<String> address) {
        if (operator.isPresent()) {
            require(operator.get(), ofOperators, authorization, address, "the operator's bearer token is needed");
        } else if (production) {
            throw ProblemException.unauthorized("operator endpoints are closed: no operator token is set");
        }
    }

    /** Fails with a {@link ProblemException} unless the header holds the producers' token, or there is none. */
    public void requireProducer(@Nullable String authorization, Supplier<String> address) {
        producer.ifPresent(
                token -> require(token, ofProducers, authorization, address, "the producer's bearer token is needed"));
    }

    private static void require(BearerToken token, Guesses guesses, @Nullable String authorization, Supplier<String> address,
            String error) {
        Optional<byte[]> presented = BearerToken.presented(authorization);
        if (presented.isEmpty()) {
            throw ProblemException.unauthorized(error);
        }
        Verdict verdict = guesses.judge(address.get(), presented.get(), () -> token.is(presented.get()));
        if (verdict != Verdict.RIGHT) {
            throw guesses.refusal(verdict, ProblemException.unauthorized(error));
        }
    }
}
