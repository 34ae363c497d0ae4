package io.ancillary.collation;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A collation as it stands.
 *
 * @param generation which life of its resource this is
 * @param progress which indices are in
 * @param times when what happened, by Redis' clock
 * @param terms what the client said of it besides the parts
 * @param ending how it ended, once it has
 */
public record Snapshot(CollationId id, String generation, State state, Progress progress, Times times, Terms terms,
        Optional<Ending> ending) {

    /** Where a collation is in its life. */
    public enum State {
        COLLECTING,
        CLOSING,
        COMPLETED,
        INCOMPLETE
    }

    /**
     * Which indices are in.
     *
     * @param first lowest index
     * @param last highest index, once the part that says so is in
     * @param highest highest index received
     * @param received indices received
     * @param processed indices with an output
     * @param failed indices that finally have none
     * @param waiting indices that are put off, see {@link PartResult.Deferred}
     */
    public record Progress(int first, OptionalInt last, int highest, int received, int processed, int failed,
            int waiting) {
    }

    /** When it began, changed last and must have ended. */
    public record Times(Instant created, Instant updated, Instant deadline) {
    }

    /**
     * What the client said of it besides the parts.
     *
     * @param callback where the outcome is to be delivered
     * @param request of a collation of a single part: that part's body
     */
    public record Terms(Optional<String> callback, Optional<String> request) {
    }

    /**
     * How it ended.
     *
     * @param byDeadline whether the deadline ended it, rather than its last result or the gap timeout
     * @param output of a collation of a single part: its output, if it was in time
     * @param late how many results came after that
     * @param lateOutput of a collation of a single part: the output that came too late
     */
    public record Ending(Instant at, boolean byDeadline, Optional<String> output, int late, Optional<String> lateOutput,
            DeliveryState delivery) {
    }

    /**
     * Where its delivery is.
     *
     * @param attempts made in all
     * @param nextAttempt when, while it is not being made
     */
    public record DeliveryState(String id, int attempts, Optional<String> lastError, Optional<Instant> nextAttempt,
            Optional<Instant> deliveredAt, Optional<Instant> diedAt) {

        /** One that was just begun. */
        public static DeliveryState begun(String id) {
            return new DeliveryState(id, 0, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }

        /** {@code pending}, {@code delivered} or {@code dead}. */
        public String status() {
            return deliveredAt.isPresent() ? "delivered" : diedAt.isPresent() ? "dead" : "pending";
        }
    }

    public int first() {
        return progress.first();
    }

    /** The highest index that anybody can expect as of now. */
    public int upTo() {
        return progress.last().orElse(progress.highest());
    }

    /** How many indices up to {@link #upTo()} were never received. */
    public int missing() {
        return upTo() - first() + 1 - progress.received();
    }

    /** How many indices were received and have neither an output nor failed. */
    public int unfinished() {
        return progress.received() - progress.processed() - progress.failed();
    }

    public boolean isDelivered() {
        return ending.filter(it -> it.delivery().deliveredAt().isPresent()).isPresent();
    }
}
