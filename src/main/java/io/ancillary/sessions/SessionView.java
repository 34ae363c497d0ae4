package io.ancillary.sessions;

import java.time.Instant;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.http.DeliveryView;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A session as it stands. Its status is {@code pending} or what was decided; it was decided by the
 * {@code internal_authorization_service} or by the {@code deadline}; an answer that came after the deadline's is
 * told beside it, and changed nothing.
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record SessionView(String id, String stationId, String driverToken, String callbackUrl, String status,
        @Nullable String decidedBy, Instant createdAt, Instant updatedAt, @Nullable Instant decidedAt, Instant deadline,
        @Nullable String lateAnswer, @Nullable DeliveryView delivery) {

    static SessionView of(Snapshot session, SessionRequest request, boolean forOperator) {
        Optional<Ending> ending = session.ending();
        return new SessionView(session.id().resource(), request.stationId(), request.driverToken(), request.callbackUrl(),
                Decision.of(session).map(Decision::word).orElse("pending"),
                ending.map(SessionView::decidedBy).orElse(null), session.times().created(), session.times().updated(),
                ending.map(Ending::at).orElse(null), session.times().deadline(),
                ending.flatMap(Decision::late).map(Decision::word).orElse(null),
                ending.map(it -> DeliveryView.of(it.delivery(), forOperator)).orElse(null));
    }

    private static String decidedBy(Ending ending) {
        return ending.output().isPresent() ? "internal_authorization_service" : "deadline";
    }
}
