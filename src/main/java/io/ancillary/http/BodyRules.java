package io.ancillary.http;

import java.io.IOException;

import jakarta.inject.Inject;
import jakarta.ws.rs.ConstrainedTo;
import jakarta.ws.rs.RuntimeType;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;

import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jspecify.annotations.Nullable;

import io.vertx.ext.web.RoutingContext;

/**
 * What must be so before a body is read. JAX-RS lets a body pass whose type is missing or a wildcard; a body
 * without a declared length is known to be too large only here, since {@code quarkus.rest.input-buffer-size} is
 * what is waited for.
 */
@Provider
@ConstrainedTo(RuntimeType.SERVER)
class BodyRules implements ReaderInterceptor {
    private final OversizedBody oversized;

    @Inject
    BodyRules(OversizedBody oversized) {
        this.oversized = oversized;
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        RoutingContext request = CurrentRequestManager.get().unwrap(RoutingContext.class);
        if (oversized.hasArrivedFor(request.request())) {
            ProblemWriter.closeAfterAnswer(request);
            throw new ProblemException(413, ProblemMapper.ofStatus(413));
        }
        if (!isDefinite(context.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE))) {
            throw new ProblemException(415, ProblemMapper.ofStatus(415));
        }
        return context.proceed();
    }

    private static boolean isDefinite(@Nullable String contentType) {
        return contentType != null && contentType.indexOf('*') < 0;
    }
}
