package io.ancillary.http;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.ancillary.collation.Snapshot.DeliveryState;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** How far the delivery of an outcome has come; what went wrong with it last is only the operator's to know. */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeliveryView(String id, String status, int attempts, @Nullable Instant nextAttemptAt,
        @Nullable Instant deliveredAt, @Nullable Instant diedAt, @Nullable String lastError) {

    public static DeliveryView of(DeliveryState state, boolean forOperator) {
        return new DeliveryView(state.id(), state.status(), state.attempts(), state.nextAttempt().orElse(null),
                state.deliveredAt().orElse(null), state.diedAt().orElse(null),
                state.lastError().filter(error -> forOperator).orElse(null));
    }
}
