package io.ancillary.packets;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.Problem;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ProducerOnly;
import io.ancillary.pipeline.Engine;
import io.smallrye.mutiny.Uni;

/** Takes packets in. */
@Path(PacketResource.PATH)
public class PacketResource {
    static final String PATH = "/api/v1/ancillary/packet/send-data";
    private static final String ACCEPTED = "{\"status\":\"accepted\",\"message\":"
            + "\"The packet is being processed. The collated result will be sent to the webhook.\"}";

    private final Engine engine;
    private final PacketsFlow flow;
    private final PacketReader reader;

    PacketResource(Engine engine, PacketsFlow flow, PacketsConfig config, CallbackPolicy callbacks) {
        this.engine = engine;
        this.flow = flow;
        this.reader = new PacketReader(PacketLimits.of(config), callbacks);
    }

    /** 202 once the packet is in Redis. */
    @POST
    @ProducerOnly
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> send(byte[] body) {
        Packet packet = reader.read(body);
        return engine.accept(flow, packet.toArrival()).map(acceptance -> answer(packet, acceptance));
    }

    private Response answer(Packet packet, Acceptance acceptance) {
        if (acceptance instanceof Acceptance.Refused refused) {
            throw problem(packet, refused.refusal());
        }
        return Response.accepted(ACCEPTED).type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    private ProblemException problem(Packet packet, Refusal refusal) {
        String resource = "resource " + packet.resource().text();
        return switch (refusal) {
            case CONTENT_CONFLICT -> ProblemException.conflict("content_conflict",
                    "packet " + packet.index() + " of " + resource + " was received with other content, or " + resource
                            + " with another callback_url");
            case INDEX_BEYOND_LAST -> ProblemException.conflict("index_beyond_last",
                    "packet " + packet.index() + " is past the last one of " + resource);
            case LAST_CONFLICT -> ProblemException.conflict("last_conflict",
                    "packet " + packet.index() + " cannot be the last one of " + resource
                            + ": another is, or a higher index was received");
            case RESOURCE_FINISHED -> ProblemException.conflict("resource_finished",
                    resource + " takes no new packets: it has ended, or is about to");
            case NO_WEBHOOK -> new ProblemException(422, new Problem("no_webhook", "there is no webhook to deliver to:"
                    + " none is configured, and " + resource + " has no callback_url"));
            case IDEMPOTENCY_CONFLICT -> throw new IllegalStateException("packets have no idempotency keys");
            case BROKEN -> throw new StoreUnavailableException("what is kept of " + resource + " cannot be used");
            case HELD_UP -> ProblemException.unavailable("over_capacity", PacketGate.TOO_MANY, ProblemException.MUCH_LATER);
            case OVER_CAPACITY ->
                ProblemException.unavailable("over_capacity", PacketGate.TOO_MANY, engine.untilRoom(flow));
        };
    }
}
