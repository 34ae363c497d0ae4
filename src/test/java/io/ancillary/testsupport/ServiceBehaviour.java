package io.ancillary.testsupport;

import java.time.Duration;

import io.ancillary.testsupport.ServiceStub.Exchange;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;

/** What a {@link ServiceStub} does with a call. */
@FunctionalInterface
public interface ServiceBehaviour {
    /** As much as is written of an answer that does not end; whoever reads on reads no more than this. */
    long MOST_BYTES = 256L * 1024 * 1024;

    void answer(Exchange exchange);

    /** A packet's payload as the only element of an array; of a session, that it is allowed. */
    static ServiceBehaviour right() {
        return exchange -> gives(exchange.call().isPacket() ? new JsonArray().add(exchange.call().subject()).encode()
                : "{\"status\":\"allowed\"}").answer(exchange);
    }

    /** This JSON. */
    static ServiceBehaviour gives(String json) {
        return says("application/json", json);
    }

    /** Whatever it is, of whatever type. */
    static ServiceBehaviour says(String contentType, String body) {
        return exchange -> exchange.response().putHeader("Content-Type", contentType).end(body);
    }

    static ServiceBehaviour status(int status) {
        return exchange -> exchange.response().setStatusCode(status).end();
    }

    /** With {@code Retry-After}: seconds, or a date. */
    static ServiceBehaviour status(int status, String retryAfter) {
        return exchange -> exchange.response().setStatusCode(status).putHeader("Retry-After", retryAfter).end();
    }

    static ServiceBehaviour after(Duration wait, ServiceBehaviour then) {
        return exchange -> exchange.vertx().setTimer(Math.max(1, wait.toMillis()), timer -> then.answer(exchange));
    }

    /** Takes the request and never answers. */
    static ServiceBehaviour hangs() {
        return exchange -> {
        };
    }

    /** Begins to answer, and gets no further. */
    static ServiceBehaviour stalls() {
        return exchange -> exchange.response().putHeader("Content-Length", "1000").write("[");
    }

    /** Closes the connection without an answer. */
    static ServiceBehaviour breaksOff() {
        return exchange -> exchange.response().reset();
    }

    /** Says that it will answer later, and does not. */
    static ServiceBehaviour putsOff() {
        return status(202);
    }

    /** Says that it will answer later, and does so at once. */
    static ServiceBehaviour putsOffThenGives(String json) {
        return exchange -> accept(exchange).onSuccess(accepted -> exchange.complete(json));
    }

    /** As one whose own call got lost would. */
    static ServiceBehaviour putsOffThenGivesTwice(String json) {
        return exchange -> accept(exchange).compose(accepted -> exchange.complete(json))
                .onSuccess(completed -> exchange.complete(json));
    }

    /** Is so quick that the output is in before anybody knows that it was put off. */
    static ServiceBehaviour givesBeforePuttingOff(String json) {
        return exchange -> exchange.complete(json).onSuccess(completed -> accept(exchange));
    }

    /** One JSON array that goes on and on. */
    static ServiceBehaviour isEndless() {
        return exchange -> {
            exchange.response().putHeader("Content-Type", "application/json").setChunked(true).write("[0");
            write(exchange, Buffer.buffer(",0".repeat(32 * 1024)));
        };
    }

    private static Future<Void> accept(Exchange exchange) {
        return exchange.response().setStatusCode(202).end();
    }

    private static void write(Exchange exchange, Buffer chunk) {
        HttpServerResponse response = exchange.response();
        while (!response.closed() && !response.writeQueueFull()) {
            if (exchange.wrote(chunk.length()) > MOST_BYTES) {
                response.end("]");
                return;
            }
            response.write(chunk);
        }
        response.drainHandler(drained -> write(exchange, chunk));
    }
}
