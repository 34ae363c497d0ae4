package io.ancillary.collation;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A collation as it stands.
 *
 * @param first lowest index
 * @param last highest index, once the packet that says so is in
 * @param highest highest index received
 * @param received indices received
 * @param processed indices with an output
 * @param failed indices that finally have none
 * @param delivery the delivery of its outcome, once it has ended
 */
public record Snapshot(CollationId id, String generation, State state, int first, OptionalInt last, int highest,
        int received, int processed, int failed, Instant created, Instant updated, Optional<Instant> ended,
        Optional<DeliveryState> delivery) {

    /** Where a collation is in its life. */
    public enum State {
        COLLECTING,
        CLOSING,
        COMPLETED,
        INCOMPLETE
    }

    /** Where its delivery is. */
    public record DeliveryState(String id, boolean delivered, int attempts, Optional<String> lastError,
            Optional<Instant> nextAttempt, Optional<Instant> deliveredAt) {
    }

    /** The highest index that anybody can expect as of now. */
    public int upTo() {
        return last.orElse(highest);
    }

    /** How many indices up to {@link #upTo()} were never received. */
    public int missing() {
        return upTo() - first + 1 - received;
    }
}
