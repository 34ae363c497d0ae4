package io.ancillary.packets;

import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.http.Problem;
import io.ancillary.pipeline.Engine;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * Turns packets away before they are read while so many wait that they would wait for long. In a flood most are turned
 * away, and what that costs is not there for those that are taken in.
 */
@ApplicationScoped
class PacketGate {
    static final String TOO_MANY = "not acknowledged: as much is being processed as is allowed. Repeating the request is safe";
    /** After what is said of bodies that are too large, and before anything is read. */
    private static final int BEFORE_READING = -99;

    private final Engine engine;
    private final PacketsFlow flow;
    private final String overCapacity;

    PacketGate(Engine engine, PacketsFlow flow, ObjectMapper json) throws JsonProcessingException {
        this.engine = engine;
        this.flow = flow;
        this.overCapacity = json.writeValueAsString(new Problem("over_capacity", TOO_MANY));
    }

    void install(@Observes Router router) {
        for (String path : List.of(PacketResource.PATH, PacketResource.PATH + "/")) {
            router.route(HttpMethod.POST, path).order(BEFORE_READING).handler(this::turnAway);
        }
    }

    private void turnAway(RoutingContext context) {
        // Of a body without a declared length nobody knows how much is to be thrown away.
        if (context.request().getHeader(HttpHeaderNames.CONTENT_LENGTH) == null || !engine.turnsAway(flow)) {
            context.next();
            return;
        }
        context.request().resume();
        context.response().setStatusCode(503)
                .putHeader(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaderNames.RETRY_AFTER, String.valueOf(engine.untilRoom(flow).toSeconds()))
                .end(overCapacity);
    }
}
