package io.ancillary.operate;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.ancillary.collation.Attempt;
import io.ancillary.collation.Attempt.Phases;
import io.ancillary.collation.LoggedAttempt;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.http.ResourceId;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A delivery as the operator sees it. While it is pending and says no next attempt, one is being made. By itself it has its
 * log, the last attempt first; a row of a listing has none.
 *
 * @param url without what may be secret in it
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeliveryView(String id, String flow, @JsonRawValue String resourceId, String outcome, String status,
        @Nullable String url,
        int attempts, Instant createdAt, @Nullable Instant nextAttemptAt, @Nullable Instant deliveredAt,
        @Nullable Instant diedAt, @Nullable String lastError, @Nullable List<AttemptRow> log) {

    static DeliveryView of(Snapshot collation, Optional<String> url, @Nullable List<LoggedAttempt> log) {
        Ending ending = collation.ending().orElseThrow();
        DeliveryState state = ending.delivery();
        return new DeliveryView(state.id(), collation.id().flow(), new ResourceId(collation.id().resource()).json(),
                collation.state().name().toLowerCase(Locale.ROOT), state.status(), url.orElse(null), state.attempts(),
                ending.at(), state.nextAttempt().orElse(null), state.deliveredAt().orElse(null),
                state.diedAt().orElse(null), state.lastError().orElse(null),
                log == null ? null : log.stream().map(AttemptRow::of).toList());
    }

    /**
     * One attempt.
     *
     * @param status HTTP; none without an answer
     * @param answer how its body began
     */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record AttemptRow(int number, Instant at, @Nullable String address, @Nullable Integer status, @Nullable String error,
            @JsonProperty("took_ms") Took took, @Nullable String answer, @Nullable Instant nextAttemptAt) {

        static AttemptRow of(LoggedAttempt logged) {
            Attempt attempt = logged.attempt();
            return new AttemptRow(logged.number(), attempt.at(), attempt.address(),
                    attempt.status() == Attempt.NO_ANSWER ? null : attempt.status(), attempt.error(), Took.of(attempt.took()),
                    attempt.answer(), logged.next().orElse(null));
        }
    }

    /** In milliseconds; phases that were not reached are left out. */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Took(@Nullable Integer name, @Nullable Integer connect, @Nullable Integer answer, @Nullable Integer body) {

        static Took of(Phases took) {
            return new Took(reached(took.name()), reached(took.connect()), reached(took.answer()), reached(took.body()));
        }

        private static @Nullable Integer reached(int millis) {
            return millis == Phases.NOT_REACHED ? null : millis;
        }
    }
}
