package io.ancillary.packets;

import jakarta.inject.Singleton;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.http.Problem;
import io.ancillary.http.ProblemException;
import io.ancillary.pipeline.Engine;

/** Why a packet that is well-formed was not taken in, in words. */
@Singleton
class Refusals {
    private final Engine engine;
    private final PacketsFlow flow;

    Refusals(Engine engine, PacketsFlow flow) {
        this.engine = engine;
        this.flow = flow;
    }

    /** As an answer to one packet by itself. */
    ProblemException problem(Packet packet, Refusal refusal) {
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
