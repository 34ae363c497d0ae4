package io.ancillary.packets;

import java.util.Optional;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.http.Gate;
import io.ancillary.http.Problem;
import io.ancillary.pipeline.Engine;

/**
 * Turns packets away while so many wait that they would wait for long, or most find no room. In a flood most are turned
 * away, and what that costs is not there for those that are taken in.
 */
@Singleton
class PacketGate implements Gate {
    static final String TOO_MANY = "not acknowledged: as much is being processed as is allowed. Repeating the request is safe";

    private final Engine engine;
    private final PacketsFlow flow;
    private final String overCapacity;

    PacketGate(Engine engine, PacketsFlow flow, ObjectMapper json) throws JsonProcessingException {
        this.engine = engine;
        this.flow = flow;
        this.overCapacity = json.writeValueAsString(new Problem("over_capacity", TOO_MANY));
    }

    @Override
    public Optional<TurnedAway> turnAway(String method, String uri, Pace pace) {
        boolean intake = method.equals("POST") && uri.startsWith(PacketResource.PATH)
                && (uri.length() == PacketResource.PATH.length() || uri.equals(PacketResource.PATH + "/"));
        return intake && engine.turnsAway(flow, pace.isBusy(), pace.isLate())
                ? Optional.of(new TurnedAway(503, overCapacity, engine.untilRoom(flow)))
                : Optional.empty();
    }
}
