package io.ancillary.http;

import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;

import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** What goes for every answer, and what never reaches a door: a declared length that is too large. */
@ApplicationScoped
class RouterAnswers {
    /** Before Quarkus looks at the length itself, at -2. */
    private static final int BEFORE_ALL = -100;

    /**
     * For browsers, which open whatever a link leads to: nothing here is a page, runs, may be framed or is to be kept, and it
     * is what it says it is.
     */
    private static final Map<CharSequence, CharSequence> FOR_BROWSERS = Map.of(
            HttpHeaders.createOptimized("X-Content-Type-Options"), HttpHeaders.createOptimized("nosniff"),
            HttpHeaders.createOptimized("X-Frame-Options"), HttpHeaders.createOptimized("DENY"),
            HttpHeaders.createOptimized("Content-Security-Policy"),
            HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'"),
            HttpHeaders.createOptimized("Referrer-Policy"), HttpHeaders.createOptimized("no-referrer"),
            HttpHeaders.createOptimized("Cross-Origin-Resource-Policy"), HttpHeaders.createOptimized("same-origin"),
            HttpHeaders.createOptimized("Cache-Control"), HttpHeaders.createOptimized("no-store"));

    private static final Logger LOG = Logger.getLogger(RouterAnswers.class);

    private final OversizedBody oversized;
    private final ProblemWriter writer;

    RouterAnswers(OversizedBody oversized, ProblemWriter writer) {
        this.oversized = oversized;
        this.writer = writer;
    }

    void install(@Observes Router router) {
        router.route().order(BEFORE_ALL).handler(RouterAnswers::protectBrowsers).failureHandler(this::fail);
        router.route().order(BEFORE_ALL).handler(this::refuseOversized);
        // For what matches no route at all, or has a path that cannot be read.
        for (int status : new int[] { 400, 404, 405 }) {
            router.errorHandler(status, this::fail);
        }
    }

    void install(@Observes ManagementInterface management) {
        management.router().route().order(BEFORE_ALL).handler(RouterAnswers::protectBrowsers);
    }

    private static void protectBrowsers(RoutingContext context) {
        FOR_BROWSERS.forEach(context.response()::putHeader);
        context.next();
    }

    private void refuseOversized(RoutingContext context) {
        if (oversized.isDeclaredBy(context.request())) {
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
        if (!context.response().headWritten()) {
            FOR_BROWSERS.forEach(context.response()::putHeader);
            writer.answer(context, status);
        }
    }
}
