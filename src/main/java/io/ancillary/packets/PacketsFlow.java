package io.ancillary.packets;

import java.net.URI;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.pipeline.EngineConfig;
import io.ancillary.pipeline.FlowDefinition;
import io.ancillary.processing.WordLengths;
import io.smallrye.mutiny.Uni;

/** Packets, processed by the built-in ancillary service, delivered to the configured webhook. */
@ApplicationScoped
class PacketsFlow implements FlowDefinition {
    private final Flow flow;
    private final Optional<URI> webhook;

    PacketsFlow(PacketsConfig packets, WebhookConfig webhook, EngineConfig engine) {
        this.flow = new Flow("packets", new Shape(false, packets.firstIndex(), webhook.url().isEmpty()),
                engine.journal().capacity(), engine.open().capacity(), packets.deadline(), packets.gapTimeout());
        this.webhook = webhook.url();
    }

    @Override
    public Flow flow() {
        return flow;
    }

    @Override
    public Uni<PartResult> process(Part part) {
        return Uni.createFrom().item(new PartResult.Output(WordLengths.of(part.body())));
    }

    @Override
    public String body(Outcome outcome) {
        return OutcomeJson.of(outcome);
    }

    @Override
    public Optional<URI> webhook() {
        return webhook;
    }
}
