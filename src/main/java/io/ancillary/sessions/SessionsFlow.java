package io.ancillary.sessions;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

import jakarta.inject.Singleton;

import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.PartResult.Output;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.delivery.DeliveryConfig;
import io.ancillary.pipeline.EngineConfig;
import io.ancillary.pipeline.FlowDefinition;
import io.ancillary.pipeline.OutcomeWriter;
import io.ancillary.processing.AccessList;
import io.ancillary.processing.Processed;
import io.ancillary.processing.RemoteService;
import io.ancillary.processing.RemoteServices;
import io.ancillary.processing.Turn;
import io.smallrye.mutiny.Uni;

/**
 * Requests to start a charging session, decided by the authorization service, built in or remote, each called back
 * by itself. A service that fails has decided nothing: the session stays open until its deadline decides it.
 */
@Singleton
class SessionsFlow implements FlowDefinition {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    /** A decision is a few bytes, and there is one. */
    private static final long MOST_OUTPUT = 1024;

    private final Flow flow;
    private final AccessList accessList;
    private final AccessListFile file;
    private final SessionJson json;
    private final Optional<RemoteService> service;

    SessionsFlow(SessionsConfig sessions, EngineConfig engine, DeliveryConfig delivery, AccessList accessList,
            AccessListFile file,
            SessionJson json, RemoteServices services) {
        Duration timeout = sessions.decisionTimeout();
        boolean remote = sessions.service().url().isPresent();
        this.flow = new Flow("sessions", new Shape(true, 1, true, true, remote),
                new Limits(engine.journal().capacity(), engine.waiting().capacity(), engine.dead().capacity(),
                        engine.open().capacity(), delivery.capacity(), MOST_OUTPUT),
                new Times(timeout, timeout, timeout));
        this.accessList = accessList;
        this.file = file;
        this.json = json;
        this.service = services.of("authorization service", sessions.service(), this::output,
                engine.processing().concurrency(), timeout);
    }

    @Override
    public Flow flow() {
        return flow;
    }

    @Override
    public Uni<Processed> process(Turn turn) {
        SessionRequest request = json.read(turn.body());
        return service.map(remote -> remote.process(turn, json.question(request)))
                .orElseGet(() -> askAccessList(turn, request));
    }

    /** That Redis is away is no decision: another turn once it is back, until the deadline decides. */
    private Uni<Processed> askAccessList(Turn turn, SessionRequest request) {
        return file.loaded()
                .chain(() -> Uni.createFrom()
                        .completionStage(() -> accessList.decide(request.stationId(), request.driverToken())))
                .<Processed> map(verdict -> new Processed.Done(new Output(Decision.of(verdict).json())))
                .onFailure(StoreUnavailableException.class)
                .recoverWithItem(new Processed.Later(turn.attempts(), BETWEEN_LOOKS, true));
    }

    @Override
    public Optional<Output> output(String text) {
        return json.decision(text).map(decision -> new Output(decision.json()));
    }

    @Override
    public OutcomeWriter writer() {
        return new CallbackWriter(json);
    }

    @Override
    public Optional<URI> webhook() {
        return Optional.empty();
    }
}
