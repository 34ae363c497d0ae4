package io.ancillary.http;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** What goes for every answer, and what never reaches a door: a declared length that is too large. */
@ApplicationScoped
class RouterAnswers {
    /** Before Quarkus looks at the length itself, at -2. */
    private static final int BEFORE_ALL = -100;

    private static final String JSON = "application/json";
    private static final Logger LOG = Logger.getLogger(RouterAnswers.class);

    private final OversizedBody oversized;
    private final ProblemWriter writer;

    RouterAnswers(OversizedBody oversized, ProblemWriter writer) {
        this.oversized = oversized;
        this.writer = writer;
    }

    void install(@Observes Router router) {
        router.route().order(BEFORE_ALL).handler(this::protect).failureHandler(this::fail);
        // For what matches no route at all, or has a path that cannot be read.
        for (int status : new int[] { 400, 404, 405 }) {
            router.errorHandler(status, this::fail);
        }
    }

    void install(@Observes ManagementInterface management) {
        management.router().route().order(BEFORE_ALL).handler(RouterAnswers::protectBrowsers);
    }

    private static void protectBrowsers(RoutingContext context) {
        ForBrowsers.HEADERS.forEach(context.response()::putHeader);
        context.next();
    }

    /** No browser posts JSON unless it may, and those who do may do so ten thousand times a second. */
    private void protect(RoutingContext context) {
        HttpServerRequest request = context.request();
        String type = request.getHeader(HttpHeaderNames.CONTENT_TYPE);
        if (type == null || !type.startsWith(JSON) || !request.method().equals(HttpMethod.POST)) {
            ForBrowsers.HEADERS.forEach(context.response()::putHeader);
        }
        if (oversized.isDeclaredBy(request)) {
            writer.answerAndClose(context, new ProblemException(413, ProblemMapper.ofStatus(413)));
        } else {
            context.next();
        }
    }

    /** What the router itself does not like; Quarkus would say so in its own shape, or not at all. */
    private void fail(RoutingContext context) {
        int status = context.statusCode() < 400 ? 500 : context.statusCode();
        if (status >= 500) {
            LOG.error("a request failed", context.failure());
        }
        if (context.response().headWritten()) {
            // Half an answer: that it is not the whole of one is all that can still be said.
            context.request().connection().close();
        } else {
            ForBrowsers.HEADERS.forEach(context.response()::putHeader);
            writer.answer(context, status);
        }
    }
}
