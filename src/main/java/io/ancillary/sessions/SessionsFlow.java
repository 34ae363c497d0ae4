package io.ancillary.sessions;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.pipeline.EngineConfig;
import io.ancillary.pipeline.FlowDefinition;
import io.ancillary.processing.AccessList;
import io.smallrye.mutiny.Uni;

/** Requests to start a charging session, decided by the built-in access control list, each called back by itself. */
@ApplicationScoped
class SessionsFlow implements FlowDefinition {
    private final Flow flow;
    private final AccessList accessList;
    private final AccessListFile file;
    private final SessionJson json;

    SessionsFlow(SessionsConfig sessions, EngineConfig engine, AccessList accessList, AccessListFile file,
            SessionJson json) {
        Duration timeout = sessions.decisionTimeout();
        this.flow = new Flow("sessions", new Shape(true, 1, true), engine.journal().capacity(), engine.open().capacity(),
                timeout, timeout);
        this.accessList = accessList;
        this.file = file;
        this.json = json;
    }

    @Override
    public Flow flow() {
        return flow;
    }

    /** A failure is no decision: repeated until after the deadline, which decides if nobody else does. */
    @Override
    public Uni<PartResult> process(Part part) {
        SessionRequest request = json.read(part.body());
        return file.loaded()
                .chain(() -> decide(request))
                .map(verdict -> new PartResult.Output(Decision.of(verdict).json()));
    }

    private Uni<AccessList.Verdict> decide(SessionRequest request) {
        return Uni.createFrom()
                .completionStage(() -> accessList.decide(request.stationId(), request.driverToken()))
                .onFailure().retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1))
                .expireIn(flow.deadline().multipliedBy(2).toMillis());
    }

    @Override
    public String body(Outcome outcome) {
        return json.callback(outcome.of());
    }

    @Override
    public Optional<URI> webhook() {
        return Optional.empty();
    }
}
