package io.ancillary.http;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * What becomes of a body that is larger than allowed. Quarkus refuses it too, but without a word, and when no
 * length was declared with two stack traces in the log; and it has one limit for all paths.
 */
@ApplicationScoped
class OversizedBody {
    private static final Duration LINGER = Duration.ofSeconds(1);
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
        return length != null && Long.parseLong(length) > limit(request);
    }

    /** Whether more has arrived than is allowed. */
    boolean hasArrivedFor(HttpServerRequest request) {
        return request.bytesRead() > limit(request);
    }

    private long limit(HttpServerRequest request) {
        return request.path() != null && request.path().startsWith(OUTPUTS) ? limitOfOutputs : USUAL;
    }

    /**
     * Ends the connection with the answer. The client is still sending: closed at once, the connection would be
     * reset and the answer lost, so what arrives within a second is thrown away first.
     */
    void closeAfterAnswer(RoutingContext context) {
        HttpServerRequest request = context.request();
        context.response().putHeader(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.addEndHandler(answered -> {
            request.handler(thrownAway -> {
            });
            request.endHandler(all -> request.connection().close());
            request.exceptionHandler(gone -> {
            });
            request.resume();
            context.vertx().setTimer(LINGER.toMillis(), timer -> request.connection().close());
        });
    }
}
