package io.ancillary.packets;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.ancillary.collation.Collected;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.collation.Snapshot.Progress;
import io.ancillary.http.DeliveryView;
import io.ancillary.http.ResourceId;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A resource as it stands. Its status is the state of its collation and, once the webhook has the outcome, that
 * it was delivered, or once nobody tries any more, that it is dead; the outcome then still says as what it ended. Missing are
 * the indices never received up to
 * the highest expected. Waiting are those that the ancillary service has taken on and answers for later. Of missing and failed
 * ones the first 1,000 are listed, and all are counted; a row of a
 * listing only counts them.
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record ResourceView(@JsonRawValue String resourceId, String status, @Nullable String outcome, int firstIndex,
        @Nullable Integer lastIndex, int received, int processed, int waiting, int missingCount,
        @Nullable List<Integer> missing,
        int failedCount, @Nullable List<FailedPacket> failed, Instant createdAt, Instant updatedAt, Instant deadline,
        @Nullable Instant completedAt, @Nullable Instant deliveredAt, @Nullable DeliveryView delivery) {

    static final int MOST_LISTED = 1000;

    static ResourceView detailed(Snapshot of, List<Integer> missing, List<Collected> failures) {
        return view(of, missing, failures.stream().map(FailedPacket::of).toList(), false);
    }

    static ResourceView row(Snapshot of) {
        return view(of, null, null, true);
    }

    static String status(Snapshot of) {
        return of.ending().map(it -> it.delivery().status()).filter(status -> !status.equals("pending"))
                .orElseGet(() -> state(of));
    }

    private static ResourceView view(Snapshot of, @Nullable List<Integer> missing, @Nullable List<FailedPacket> failed,
            boolean forOperator) {
        Progress progress = of.progress();
        Optional<DeliveryState> delivery = of.ending().map(Ending::delivery);
        return new ResourceView(new ResourceId(of.id().resource()).json(), status(of),
                of.ending().isPresent() ? state(of) : null, of.first(),
                progress.last().isPresent() ? progress.last().getAsInt() : null, progress.received(),
                progress.processed(), progress.waiting(), of.missing(), missing, progress.failed(), failed,
                of.times().created(), of.times().updated(), of.times().deadline(), of.ending().map(Ending::at).orElse(null),
                delivery.flatMap(DeliveryState::deliveredAt).orElse(null),
                delivery.map(state -> DeliveryView.of(state, forOperator)).orElse(null));
    }

    private static String state(Snapshot of) {
        return of.state().name().toLowerCase(Locale.ROOT);
    }

    /** A packet that was received and finally has no output. */
    @RegisterForReflection
    record FailedPacket(int packetIndex, String error) {

        static FailedPacket of(Collected collected) {
            String error = collected.result() instanceof PartResult.Failure failure ? failure.error() : "";
            return new FailedPacket(collected.index(), error);
        }
    }
}
