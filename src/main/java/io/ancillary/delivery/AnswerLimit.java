package io.ancillary.delivery;

import java.util.concurrent.atomic.AtomicLong;

import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientResponseContext;
import jakarta.ws.rs.client.ClientResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;

import org.jboss.resteasy.reactive.client.impl.ClientRequestContextImpl;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;

/**
 * What a webhook answers besides its status is thrown away as it comes. One that says too much, or says it too
 * slowly, loses the connection: neither memory nor a place among the connections is its to take.
 */
class AnswerLimit implements ClientResponseFilter {
    private static final long MOST_BYTES = 64 * 1024;
    private static final int NO_CONTENT = 204;

    private final DeliveryConfig config;
    private final Vertx vertx;

    AnswerLimit(DeliveryConfig config, Vertx vertx) {
        this.config = config;
        this.vertx = vertx;
    }

    @Override
    public void filter(ClientRequestContext request, ClientResponseContext answer) {
        HttpClientResponse response = ((ClientRequestContextImpl) request).getRestClientRequestContext()
                .getVertxClientResponse();
        if (response != null && hasBody(answer)) {
            limit(response);
        }
    }

    /** Not by the length as a number: a receiver may say one that is none. */
    private static boolean hasBody(ClientResponseContext answer) {
        return answer.getStatus() != NO_CONTENT && !"0".equals(answer.getHeaderString(HttpHeaders.CONTENT_LENGTH));
    }

    private void limit(HttpClientResponse response) {
        AtomicLong read = new AtomicLong();
        long timer = vertx.setTimer(config.timeout().toMillis(), late -> response.request().connection().close());
        try {
            response.pause();
            response.exceptionHandler(failure -> vertx.cancelTimer(timer));
            response.endHandler(end -> vertx.cancelTimer(timer));
            response.handler(bytes -> {
                if (read.addAndGet(bytes.length()) > MOST_BYTES) {
                    response.request().connection().close();
                }
            });
            response.resume();
        } catch (IllegalStateException ended) {
            // It has all come already.
            vertx.cancelTimer(timer);
        }
    }
}
