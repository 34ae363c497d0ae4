package io.ancillary.collation;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Keeps the collations of one partition. Calls are hot, answers arrive on {@link #executor()}, and a failed one
 * carries a {@link StoreUnavailableException}: nobody knows whether it was carried out.
 */
public interface CollationStore {

    /** The thread, or what stands for it, on which this store's answers arrive. */
    Executor executor();

    /** Likewise, but never before what is being done there now is done, and what comes of it is on its way. */
    Executor afterThis();

    /** How often the way to the store was made; when this changes, calls may have been lost, and more than calls. */
    long connections();

    /**
     * Takes a place among the replicas.
     *
     * @param replica a name that nobody had before
     * @return the right to write, which lasts until it is lost to silence; fails with
     *         {@link FormatMismatchException} when the store was laid out by another version or for another number
     *         of partitions
     */
    CompletionStage<Membership> join(String replica);

    CompletionStage<Optional<Snapshot>> find(CollationId id);

    /**
     * Indices never received, lowest first.
     *
     * @param limit the most to list
     */
    CompletionStage<List<Integer>> missing(Snapshot of, int limit);

    /**
     * Final failures, lowest index first.
     *
     * @param limit the most to list
     */
    CompletionStage<List<Collected>> failures(Snapshot of, int limit);

    /** All indices received. */
    CompletionStage<BitSet> received(Snapshot of);

    /** The delivery with this id while it is still to be made. */
    CompletionStage<Optional<Delivery>> pending(String deliveryId);

    /**
     * A page of what a delivery delivers; empty when its resource is gone, lives another life, or has not ended after
     * all.
     *
     * @param from 0 for the first, then what the page before said
     */
    CompletionStage<Optional<OutcomePage>> outcome(Delivery delivery, int from);

    /** The collation that a delivery, made or not, delivers; empty when there is none of this id. */
    CompletionStage<Optional<Snapshot>> delivered(String deliveryId);

    /** The log of a delivery, its last attempt first. */
    CompletionStage<List<LoggedAttempt>> attempts(String deliveryId);

    /**
     * A page of deliveries, as the collations that they deliver: those to be made by their next attempt, first those under
     * way; dead letters by when they died, latest first; others by flow, those of the newest collations first.
     *
     * @param flows of which to list
     * @param after what the page before gave; empty for the first
     * @param limit how many to look at; some may have changed or gone meanwhile
     */
    CompletionStage<DeliveryPage> deliveries(DeliveryStatus status, List<String> flows, String after, int limit);

    /**
     * Has a delivery made once more, by whoever finds it first, as if no attempt had been made.
     *
     * @param from the only status from which it is to be; of what is pending, only what has been tried: the rest has all of
     *        the schedule before it
     */
    CompletionStage<Redelivery> redeliver(String deliveryId, DeliveryStatus from);

    /**
     * A page of the collations of a flow, newest first.
     *
     * @param after where the page before ended; {@link Position#START} for the first
     */
    CompletionStage<List<Listed>> newest(String flow, Position after, int limit);

    /** How many collations of a flow a listing would show in all. */
    CompletionStage<Integer> count(String flow);

    /**
     * A page of the dead parts of all flows.
     *
     * @param after where the page before ended; {@link DeadPart.Place#START} for the first
     */
    CompletionStage<List<DeadPart>> deadParts(DeadPart.Place after, int limit);

    /** Whether a part has its output: it may have been completed while somebody held it to be processed. */
    CompletionStage<Boolean> hasOutput(PartName part);

    /** Drops a collation and all its work; false when there is none. */
    CompletionStage<Boolean> drop(CollationId id);

    /** A collation's place in a listing: newer ones come before, of the same instant those with greater ids. */
    record Position(long createdMillis, String resource) {
        public static final Position START = new Position(Long.MAX_VALUE, "");

        /** Whether this place comes after the other in a listing. */
        public boolean isAfter(Position other) {
            return createdMillis != other.createdMillis
                    ? createdMillis < other.createdMillis
                    : resource.compareTo(other.resource) < 0;
        }
    }

    /**
     * A page of deliveries.
     *
     * @param lookedAt how many there were before those were left out that are of another status, or gone
     * @param next where the next page begins; empty when this is the last
     */
    record DeliveryPage(List<DeliveryRow> rows, int lookedAt, Optional<String> next) {
    }

    /**
     * One delivery, as the collation that it delivers.
     *
     * @param place where a page begins that goes on behind it
     */
    record DeliveryRow(Snapshot collation, String place) {
    }

    /** Which deliveries to list. */
    enum DeliveryStatus {
        ANY,
        PENDING,
        DELIVERED,
        DEAD
    }

    /** One row of a listing; without a snapshot when the collation has gone meanwhile. */
    record Listed(Position position, Optional<Snapshot> snapshot) {
    }
}
