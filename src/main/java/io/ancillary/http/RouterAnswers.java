package io.ancillary.http;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Answers what never reaches a door: a declared length that is too large. */
@ApplicationScoped
class RouterAnswers {
    /** Before Quarkus looks at the length itself, at -2. */
    private static final int BEFORE_ALL = -100;

    private final OversizedBody oversized;
    private final String tooLarge;

    RouterAnswers(OversizedBody oversized, ObjectMapper json) throws JsonProcessingException {
        this.oversized = oversized;
        this.tooLarge = json.writeValueAsString(ProblemMapper.ofStatus(413));
    }

    void install(@Observes Router router) {
        router.route().order(BEFORE_ALL).handler(this::refuseOversized);
    }

    private void refuseOversized(RoutingContext context) {
        if (oversized.isDeclaredBy(context.request())) {
            oversized.closeAfterAnswer(context);
            context.response().setStatusCode(413).putHeader(HttpHeaderNames.CONTENT_TYPE, "application/json").end(tooLarge);
        } else {
            context.next();
        }
    }
}
