package io.ancillary.packets;

import java.net.URI;
import java.util.Optional;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult.Output;
import io.ancillary.delivery.DeliveryConfig;
import io.ancillary.delivery.WebhookConfig;
import io.ancillary.http.ResourceId;
import io.ancillary.packets.PacketsConfig.OnFailure;
import io.ancillary.pipeline.EngineConfig;
import io.ancillary.pipeline.FlowDefinition;
import io.ancillary.pipeline.OutcomeWriter;
import io.ancillary.processing.Processed;
import io.ancillary.processing.RemoteService;
import io.ancillary.processing.RemoteServices;
import io.ancillary.processing.Turn;
import io.ancillary.processing.WordLengths;
import io.smallrye.mutiny.Uni;

/** Packets, processed by the ancillary service, built in or remote, delivered to the configured webhook. */
@Singleton
class PacketsFlow implements FlowDefinition {
    private final Flow flow;
    private final Optional<URI> webhook;
    private final Optional<RemoteService> service;

    PacketsFlow(PacketsConfig packets, WebhookConfig webhook, EngineConfig engine, DeliveryConfig delivery,
            RemoteServices services) {
        boolean remote = packets.service().url().isPresent();
        this.flow = new Flow("packets",
                new Shape(false, packets.firstIndex(), webhook.url().isEmpty(), packets.onFailure() == OnFailure.HOLD, remote),
                new Limits(engine.journal().capacity(), engine.waiting().capacity(), engine.dead().capacity(),
                        engine.open().capacity(), delivery.capacity(),
                        packets.maxOutput().asLongValue()),
                new Times(packets.deadline(), packets.gapTimeout(), packets.completionTimeout()));
        this.webhook = webhook.url();
        this.service = services.of("ancillary service", packets.service(), this::output,
                engine.processing().concurrency(), packets.deadline());
    }

    @Override
    public Flow flow() {
        return flow;
    }

    @Override
    public Uni<Processed> process(Turn turn) {
        return service.map(remote -> remote.process(turn, json(turn)))
                .orElseGet(() -> Uni.createFrom().item(new Processed.Done(new Output(WordLengths.of(turn.body())))));
    }

    /** A packet as the remote service gets it. */
    private static String json(Turn turn) {
        PartName part = turn.part().part();
        return "{\"resource_id\":" + new ResourceId(part.id().resource()).json() + ",\"packet_index\":" + part.index()
                + ",\"payload\":\"" + new String(JsonStringEncoder.getInstance().quoteAsString(turn.body())) + "\"}";
    }

    /** Any JSON is one. */
    @Override
    public Optional<Output> output(String json) {
        return Optional.of(new Output(json));
    }

    @Override
    public OutcomeWriter writer() {
        return new OutcomeJson();
    }

    @Override
    public Optional<URI> webhook() {
        return webhook;
    }
}
