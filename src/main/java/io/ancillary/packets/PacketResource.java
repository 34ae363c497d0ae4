package io.ancillary.packets;

import java.util.concurrent.CompletionStage;

import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.ancillary.collation.Acceptance;
import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ExpressLane;
import io.ancillary.http.ProducerOnly;
import io.ancillary.http.Receipt;
import io.ancillary.pipeline.Engine;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.Router;

/** Takes packets in. */
@Path(PacketResource.PATH)
public class PacketResource {
    static final String PATH = "/api/v1/ancillary/packet/send-data";
    private static final Receipt ACCEPTED = Receipt.accepted("{\"status\":\"accepted\",\"message\":"
            + "\"The packet is being processed. The collated result will be sent to the webhook.\"}");

    private final Engine engine;
    private final PacketsFlow flow;
    private final PacketReader reader;
    private final Refusals refusals;

    PacketResource(Engine engine, PacketsFlow flow, PacketsConfig config, CallbackPolicy callbacks, Refusals refusals) {
        this.engine = engine;
        this.refusals = refusals;
        this.flow = flow;
        this.reader = new PacketReader(PacketLimits.of(config), callbacks);
    }

    void open(@Observes Router router, ExpressLane lane) {
        lane.open(router, PATH, (request, body) -> take(body));
    }

    /** 202 once the packet is in Redis. */
    @POST
    @ProducerOnly
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> send(byte[] body) {
        return Uni.createFrom().completionStage(() -> take(body)).map(Receipt::toResponse);
    }

    private CompletionStage<Receipt> take(byte[] body) {
        Packet packet = reader.read(body);
        return engine.accept(flow, packet.toArrival()).thenApply(acceptance -> receipt(packet, acceptance));
    }

    private Receipt receipt(Packet packet, Acceptance acceptance) {
        return acceptance instanceof Acceptance.Refused refused ? Receipt.refused(refusals.problem(packet, refused.refusal()))
                : ACCEPTED;
    }
}
