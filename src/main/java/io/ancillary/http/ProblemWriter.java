package io.ancillary.http;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** Answers with a problem what never reaches a door of JAX-RS. */
@ApplicationScoped
public class ProblemWriter {
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final ObjectMapper json;

    public ProblemWriter(ObjectMapper json) {
        this.json = json;
    }

    /** With the status' own sentence. */
    void answer(RoutingContext context, int status) {
        answer(context, new ProblemException(status, ProblemMapper.ofStatus(status)));
    }

    public void answer(RoutingContext context, ProblemException problem) {
        if (problem.late().isZero()) {
            answerNow(context, problem);
        } else {
            context.vertx().setTimer(problem.late().toMillis(), late -> answerNow(context, problem));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for an answer but the client.
    private void answerNow(RoutingContext context, ProblemException problem) {
        problem.headers().forEach(context.response()::putHeader);
        context.response().setStatusCode(problem.status()).putHeader(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .end(text(problem.problem()));
    }

    /** Likewise, and reads no more of what the client is still sending. */
    public void answerAndClose(RoutingContext context, ProblemException problem) {
        if (!context.request().isEnded()) {
            closeAfterAnswer(context);
        }
        answer(context, problem);
    }

    /**
     * Ends the connection with the answer. The client is still sending: closed at once, the connection would be
     * reset and the answer lost, so what arrives within a second is thrown away first.
     */
    static void closeAfterAnswer(RoutingContext context) {
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

    private String text(Problem problem) {
        try {
            return json.writeValueAsString(problem);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
