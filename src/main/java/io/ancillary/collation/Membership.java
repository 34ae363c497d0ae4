package io.ancillary.collation;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What a live replica may do in a partition, under the name it joined with. A replica that fell silent for
 * longer than its lease may lose the name to another, which takes over its work; from then on every call that
 * takes something under the name fails with {@link ExpelledException}, and the only way on is to join under a new
 * one. What gives something back (settle, release, leave) does not fail, and counts for as much as it may.
 */
public interface Membership {

    String replica();

    /**
     * Whether what comes now would wait for long before it is in; told from memory, from any thread.
     *
     * @param late whether it has waited for long before anybody read it
     */
    boolean isCrowded(Flow flow, boolean late);

    /** Takes an arrival into this replica's journal, if it is new. */
    CompletionStage<Acceptance> accept(Flow flow, Arrival arrival);

    /** Authenticates what this partition gives out and must know again; the same for every replica, for ever. */
    String secret();

    /**
     * Takes a processed part out of this replica's journal and adds its result to its collation, or sets the part
     * aside until its result comes.
     */
    CompletionStage<Collated> collate(Flow flow, Part part, PartResult result);

    /**
     * Takes the output of a part that was put off, or is about to be: one that comes before its part was set aside is
     * kept, and counts.
     */
    CompletionStage<Completion> complete(Flow flow, PartName part, PartResult.Output output);

    /**
     * Moves parts of a collation whose output did not come in time to this replica's journal, at most {@code limit}.
     *
     * @return those it moved
     */
    CompletionStage<List<Part>> wake(Due due, int limit);

    /** Moves a dead part to this replica's journal; empty when it is not dead, or its collation has ended. */
    CompletionStage<Optional<Part>> retry(PartName part);

    /**
     * Says in this replica's journal whether a suspect is being worked on: if this replica dies while it is, that
     * counts against the part.
     *
     * @return the part under its new entry; empty when it is not in this journal any more
     */
    CompletionStage<Optional<Part>> mark(Part suspect, boolean atWork);

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

    /**
     * Acts on a collation whose time has come, if it still has: closes it to new parts, ends it, or removes it at
     * the end of its retention.
     *
     * @return the delivery, in flight here, when this ended it
     */
    CompletionStage<Optional<Delivery>> expire(Due due);

    /**
     * Says how much this replica holds, and learns the same of others.
     *
     * @param held parts by flow; a flow of which no more is wanted is left out
     */
    CompletionStage<Comparison> compare(Map<String, Integer> held);

    /**
     * Moves parts from this replica's journal to that of another, who is told by its next {@link #compare}.
     *
     * @return those that it has now; none when it is not alive
     */
    CompletionStage<List<Part>> give(String to, List<Part> parts);

    /** Gives up the name; what is held under it may be taken over at once, and no death counts against it. */
    CompletionStage<Void> leave();

    /**
     * What a tick found. Finding is not claiming: whoever acts checks again.
     *
     * @param dueCollations which to {@link #expire}
     * @param overdue which to {@link #wake} parts of
     * @param next how long until more is due; empty when nothing is foreseen
     */
    record Findings(List<String> silentReplicas, List<String> dueDeliveries, List<Due> dueCollations,
            List<Due> overdue, Optional<Duration> next) {
    }

    /**
     * How much the live replicas hold.
     *
     * @param given whether somebody gave this one parts since it last asked
     * @param others what each other one said, by its name
     */
    record Comparison(boolean given, Map<String, Map<String, Integer>> others) {
    }

    /** A collation at which somebody should look now. */
    record Due(CollationId id, String generation) {
    }
}
