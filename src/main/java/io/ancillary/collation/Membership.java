package io.ancillary.collation;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What a live replica may do in a partition, under the name it joined with. A replica that fell silent for
 * longer than its lease may lose the name to another, which takes over its work; from then on every call that
 * takes something under the name fails with {@link ExpelledException}, and the only way on is to join under a new
 * one. What gives something back (settle, release, leave) does not fail, and counts for as much as it may.
 */
public interface Membership {

    String replica();

    /** Takes an arrival into this replica's journal, if it is new. */
    CompletionStage<Acceptance> accept(Flow flow, Arrival arrival);

    /** Takes a processed part out of this replica's journal and adds its result to its collation. */
    CompletionStage<Collated> collate(Part part, PartResult result);

    /**
     * Writes down how an attempt ended.
     *
     * @return false when it was no longer this replica's to judge, or was delivered before
     */
    CompletionStage<Boolean> settle(Delivery delivery, Settlement settlement);

    /** Beats, and finds at most {@code limit} of each kind of work that is due. */
    CompletionStage<Findings> tick(int limit);

    /**
     * A page of this replica's journal.
     *
     * @param after the last entry of the page before; empty for the first
     */
    CompletionStage<List<Part>> journal(String after, int limit);

    /** The deliveries in flight at this replica, by id. */
    CompletionStage<List<String>> inFlight();

    /** Takes deliveries that are due in flight at this replica; gives those it got. */
    CompletionStage<List<String>> claim(List<String> deliveryIds);

    /** Lets go of a delivery in flight that is not to be made any more. */
    CompletionStage<Void> release(String deliveryId);

    /**
     * Moves work of a silent replica here, at most {@code limit} parts.
     *
     * @return true when nothing is left of it, or it turned out not to be silent
     */
    CompletionStage<Boolean> takeOver(String silent, int limit);

    /** Removes a finished collation whose retention has ended. */
    CompletionStage<Void> retire(Retirement retirement);

    /** Gives up the name; what is held under it may be taken over at once. */
    CompletionStage<Void> leave();

    /** What a tick found. Finding is not claiming: whoever acts checks again. */
    record Findings(List<String> silentReplicas, List<String> dueDeliveries, List<Retirement> retirements) {
    }

    /** A collation that has been kept for long enough. */
    record Retirement(CollationId id, String generation) {
    }
}
