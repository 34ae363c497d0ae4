package io.ancillary.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import jakarta.inject.Singleton;

import org.jspecify.annotations.Nullable;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * A short way in beside a door of JAX-RS, for where ten thousand requests a second come: what JAX-RS does before and after
 * one costs more than to read it. It takes those that are as most are; whatever is unusual about one (its media types, no
 * declared length, an expectation) is for the door itself, which has an answer to that.
 */
@Singleton
public class ExpressLane {
    /** After what goes for every answer, and before anything is read. */
    private static final int BEFORE_READING = -99;
    private static final String JSON = "application/json";
    private static final Set<String> USUAL_TYPES = Set.of(JSON, JSON + "; charset=utf-8", JSON + ";charset=utf-8");
    /** Among them what is sent by who says nothing of it, with curl, and from a browser's scripts. */
    private static final Set<String> USUAL_WISHES = Set.of("*/*", JSON, JSON + ", */*", JSON + ", text/plain, */*");

    private final Access access;
    private final ProblemWriter problems;

    ExpressLane(Access access, ProblemWriter problems) {
        this.access = access;
        this.problems = problems;
    }

    /** What is behind the door. */
    @FunctionalInterface
    public interface Taker {

        /**
         * Takes a request in; on its event loop, and may fail at once or later as a door of JAX-RS may.
         *
         * @param body all of it
         */
        CompletionStage<Receipt> take(HttpServerRequest request, byte[] body);
    }

    /** Opens one for the POSTs of producers to this path, with and without the trailing slash. */
    public void open(Router router, String path, Taker taker) {
        for (String spelling : List.of(path, path + "/")) {
            router.route(HttpMethod.POST, spelling).order(BEFORE_READING).handler(context -> enter(context, taker));
        }
    }

    private void enter(RoutingContext context, Taker taker) {
        HttpServerRequest request = context.request();
        if (!isUsual(request)) {
            context.next();
            return;
        }
        try {
            access.requireProducer(request.getHeader(HttpHeaderNames.AUTHORIZATION), () -> Caller.address(context));
        } catch (ProblemException e) {
            // What it has declared is short enough to be thrown away.
            request.resume();
            problems.answer(context, e);
            return;
        }
        Context its = Vertx.currentContext();
        // Joined once: what grows with each piece of a long body is copied again and again.
        List<Buffer> pieces = new ArrayList<>(1);
        request.exceptionHandler(gone -> pieces.clear());
        request.handler(pieces::add);
        request.endHandler(all -> take(context, its, taker, pieces));
        request.resume();
    }

    private static boolean isUsual(HttpServerRequest request) {
        String accept = request.getHeader(HttpHeaderNames.ACCEPT);
        return isOne(USUAL_TYPES, request.getHeader(HttpHeaderNames.CONTENT_TYPE))
                && (accept == null || isOne(USUAL_WISHES, accept))
                && request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                && !request.headers().contains(HttpHeaderNames.EXPECT);
    }

    private static boolean isOne(Set<String> usual, @Nullable String value) {
        return value != null && (usual.contains(value) || usual.contains(value.toLowerCase(Locale.ROOT)));
    }

    private void take(RoutingContext context, Context its, Taker taker, List<Buffer> pieces) {
        try {
            taker.take(context.request(), joined(pieces)).whenComplete(
                    (receipt, failure) -> its.runOnContext(taken -> answer(context, receipt, failure)));
        } catch (Throwable e) {
            // Nobody else would see it, and the client would wait.
            problems.answer(context, ProblemMapper.problemOf(e));
        }
    }

    private static byte[] joined(List<Buffer> pieces) {
        byte[] body = new byte[pieces.stream().mapToInt(Buffer::length).sum()];
        int at = 0;
        for (Buffer piece : pieces) {
            piece.getBytes(body, at);
            at += piece.length();
        }
        return body;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for an answer but the client.
    private void answer(RoutingContext context, @Nullable Receipt receipt, @Nullable Throwable failure) {
        if (receipt == null) {
            problems.answer(context, ProblemMapper
                    .problemOf(failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
                            : failure));
            return;
        }
        if (receipt.refusal().isPresent()) {
            problems.answer(context, receipt.refusal().get());
            return;
        }
        HttpServerResponse response = context.response().setStatusCode(202).putHeader(HttpHeaderNames.CONTENT_TYPE, JSON);
        receipt.location().ifPresent(path -> response.putHeader(HttpHeaderNames.LOCATION, path));
        response.end(receipt.body());
    }
}
