package io.ancillary.packets;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.Access;
import io.ancillary.http.Caller;
import io.ancillary.http.Problem;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ProblemWriter;
import io.ancillary.http.Streamed;
import io.ancillary.pipeline.Engine;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** The door for many packets at once. JAX-RS would wait for the whole of a body, which may be longer than memory. */
@ApplicationScoped
class BulkRoute {
    /** After what goes for every answer, and before anything is read. */
    private static final int BEFORE_READING = -99;
    private static final String LINES = "application/x-ndjson";
    private static final String ARRAY = "application/json";

    private final Engine engine;
    private final PacketsFlow flow;
    private final PacketReader reader;
    private final Refusals refusals;
    private final Access access;
    private final ProblemWriter problems;
    private final ObjectMapper json;
    private final BulkRoom room = new BulkRoom();
    private final BulkRoom roomToBegin = new BulkRoom();

    BulkRoute(Engine engine, PacketsFlow flow, PacketsConfig config, CallbackPolicy callbacks, Refusals refusals,
            Access access, ProblemWriter problems, ObjectMapper json) {
        this.engine = engine;
        this.flow = flow;
        this.reader = new PacketReader(PacketLimits.of(config), callbacks);
        this.refusals = refusals;
        this.access = access;
        this.problems = problems;
        this.json = json;
    }

    void install(@Observes Router router) {
        for (String path : List.of(Streamed.PACKETS, Streamed.PACKETS + "/")) {
            router.route(path).order(BEFORE_READING).handler(this::take);
        }
    }

    private void take(RoutingContext context) {
        try {
            if (!context.request().method().equals(HttpMethod.POST)) {
                context.response().putHeader(HttpHeaderNames.ALLOW, "POST");
                throw new ProblemException(405, new Problem("method_not_allowed", "Invalid request method. request is "
                        + context.request().method() + ". But should be POST."));
            }
            access.requireProducer(context.request().getHeader(HttpHeaderNames.AUTHORIZATION), () -> Caller.address(context));
            if (!wantsJson(context.parsedHeaders().accept())) {
                throw ProblemException.notAcceptable();
            }
            BulkIntake intake = new BulkIntake(context, arrival -> engine.accept(flow, arrival), room, roomToBegin, reader,
                    refusals::problem,
                    problems, json);
            Splitter splitter = splitterOf(context, intake);
            if (HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(context.request().getHeader(HttpHeaderNames.EXPECT))) {
                context.response().writeContinue();
            }
            intake.begin(splitter);
        } catch (ProblemException e) {
            problems.answerAndClose(context, e);
        }
    }

    /** As JAX-RS judges at other doors. */
    private static boolean wantsJson(List<MIMEHeader> wishes) {
        return wishes.isEmpty() || wishes.stream().anyMatch(it -> it.weight() > 0 && isOneOf(it.component(), "application")
                && isOneOf(it.subComponent(), "json"));
    }

    private static boolean isOneOf(String wish, String ours) {
        return wish.equals("*") || wish.equalsIgnoreCase(ours);
    }

    /** Of one that is compressed each line would be wrong, and the answer 200 all the same. */
    private static Splitter splitterOf(RoutingContext context, Splitter.Sink sink) {
        List<String> encodings = context.request().headers().getAll(HttpHeaderNames.CONTENT_ENCODING);
        if (!encodings.stream().allMatch(HttpHeaderValues.IDENTITY::contentEqualsIgnoreCase)) {
            throw new ProblemException(415, new Problem("unsupported_media_type", "the body must have no Content-Encoding"));
        }
        String type = Optional.ofNullable(context.request().getHeader(HttpHeaderNames.CONTENT_TYPE)).orElse("")
                .split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (type) {
            case LINES -> new Splitter.Lines(BulkIntake.MOST_BYTES_OF_ONE, sink);
            case ARRAY -> new Splitter.Elements(BulkIntake.MOST_BYTES_OF_ONE, sink);
            default -> throw new ProblemException(415, new Problem("unsupported_media_type",
                    "the content type must be " + LINES + " or " + ARRAY));
        };
    }
}
