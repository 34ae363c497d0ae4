package io.ancillary.http;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpServerRequest;

/**
 * What becomes of a body that is larger than allowed. Quarkus refuses it too, but without a word, and when no
 * length was declared with two stack traces in the log; and it has one limit for all paths.
 */
@ApplicationScoped
class OversizedBody {
    private static final String OUTPUTS = "/api/v1/ancillary/outputs/";
    /**
     * The longest payload in its longest spelling (20,000 code points as two escapes of six characters each) and room for the
     * rest.
     */
    private static final long USUAL = 256 * 1024;

    private final long limitOfOutputs;

    OversizedBody(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit) {
        this.limitOfOutputs = limit.asLongValue();
    }

    /** Whether the length that the client declared is too large; false when it declared none. */
    boolean isDeclaredBy(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaderNames.CONTENT_LENGTH);
        long bytes = length == null ? 0 : Long.parseLong(length);
        return bytes > USUAL && bytes > limit(request);
    }

    /** Whether more has arrived than is allowed. */
    boolean hasArrivedFor(HttpServerRequest request) {
        return request.bytesRead() > limit(request);
    }

    private long limit(HttpServerRequest request) {
        String path = request.path();
        if (path == null) {
            return USUAL;
        }
        return Streamed.is(path) ? Long.MAX_VALUE : path.startsWith(OUTPUTS) ? limitOfOutputs : USUAL;
    }
}
