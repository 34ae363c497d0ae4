package io.ancillary.outputs;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

import io.ancillary.http.ProblemException;
import io.ancillary.pipeline.Engine;

/** Sends strangers away before their body is read, which may be large. */
@Provider
@TokenNeeded
class TokenFilter implements ContainerRequestFilter {
    private static final int LONGEST_TOKEN = 300;

    private final Engine engine;

    @Inject
    TokenFilter(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String token = request.getUriInfo().getPathParameters().getFirst("token");
        if (token == null || token.length() > LONGEST_TOKEN || engine.partOf(token).isEmpty()) {
            throw unknown();
        }
    }

    static ProblemException unknown() {
        return ProblemException.notFound("there is no part with this token");
    }
}
