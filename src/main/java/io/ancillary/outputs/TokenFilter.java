package io.ancillary.outputs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

import io.ancillary.http.Caller;
import io.ancillary.http.Guesses;
import io.ancillary.http.Guesses.Verdict;
import io.ancillary.http.ProblemException;
import io.ancillary.pipeline.Engine;

/** Sends strangers away before their body is read, which may be large. */
@Provider
@TokenNeeded
class TokenFilter implements ContainerRequestFilter {
    private static final int LONGEST_TOKEN = 300;
    /** Nobody guesses 128 bits; but those of a Redis that was emptied may come by the thousand. */
    private static final int WRONG_AT_ONCE = 1000;
    private static final Duration ONE_MORE = Duration.ofSeconds(1);

    private final Engine engine;
    private final Guesses guesses = new Guesses("completion token", WRONG_AT_ONCE, ONE_MORE, System::nanoTime);

    @Inject
    TokenFilter(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String token = request.getUriInfo().getPathParameters().getFirst("token");
        if (token == null || token.length() > LONGEST_TOKEN) {
            throw unknown();
        }
        Verdict verdict = guesses.judge(Caller.address(), token.getBytes(UTF_8), () -> engine.partOf(token).isPresent());
        if (verdict != Verdict.RIGHT) {
            throw guesses.refusal(verdict, unknown());
        }
    }

    static ProblemException unknown() {
        return ProblemException.notFound("there is no part with this token");
    }
}
