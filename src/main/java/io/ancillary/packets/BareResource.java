package io.ancillary.packets;

import java.util.concurrent.CompletableFuture;

import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ExpressLane;
import io.ancillary.http.Receipt;
import io.quarkus.arc.profile.IfBuildProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.Router;

/**
 * What the benchmark measures against: reads and judges a packet as the intake does, keeps nothing of it, and is written as
 * an endpoint usually is. The {@link ExpressLane} goes past it under a path of its own, so that what that saves can be told
 * from what keeping a packet costs.
 */
@Path(BareResource.PATH)
@IfBuildProfile("bench")
public class BareResource {
    static final String PATH = "/bench/bare";
    private static final String EXPRESS_PATH = "/bench/bare-express";
    private static final String ACCEPTED = "{\"status\":\"accepted\",\"message\":\"Read and forgotten.\"}";

    private final PacketReader reader;

    BareResource(PacketsConfig config, CallbackPolicy callbacks) {
        this.reader = new PacketReader(PacketLimits.of(config), callbacks);
    }

    void open(@Observes Router router, ExpressLane lane) {
        Receipt receipt = Receipt.accepted(ACCEPTED);
        lane.open(router, EXPRESS_PATH, (request, body) -> {
            reader.read(body);
            return CompletableFuture.completedFuture(receipt);
        });
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> read(byte[] body) {
        reader.read(body);
        return Uni.createFrom().item(Response.accepted(ACCEPTED).type(MediaType.APPLICATION_JSON_TYPE).build());
    }
}
