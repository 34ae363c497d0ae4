package io.ancillary.packets;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.ancillary.delivery.CallbackPolicy;
import io.quarkus.arc.profile.IfBuildProfile;
import io.smallrye.mutiny.Uni;

/**
 * What the benchmark measures against: reads and judges a packet as the intake does, keeps nothing of it, and is written as
 * an endpoint usually is. It has no {@link io.ancillary.http.ExpressLane} beside it.
 */
@Path("/bench/bare")
@IfBuildProfile("bench")
public class BareResource {
    private static final String ACCEPTED = "{\"status\":\"accepted\",\"message\":\"Read and forgotten.\"}";

    private final PacketReader reader;

    BareResource(PacketsConfig config, CallbackPolicy callbacks) {
        this.reader = new PacketReader(PacketLimits.of(config), callbacks);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> read(byte[] body) {
        reader.read(body);
        return Uni.createFrom().item(Response.accepted(ACCEPTED).type(MediaType.APPLICATION_JSON_TYPE).build());
    }
}
