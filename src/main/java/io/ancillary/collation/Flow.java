package io.ancillary.collation;

import java.time.Duration;

/**
 * A kind of work, as far as the store must know it.
 *
 * @param name part of every key, word {@code [a-z]+}
 * @param shape how its collations are made up
 * @param limits how much of it there may be
 * @param times how long what may take
 */
public record Flow(String name, Shape shape, Limits limits, Times times) {

    public Flow {
        if (!name.matches("[a-z]+")) {
            throw new IllegalArgumentException("not a flow's name: " + name);
        }
    }

    /** Flows are told apart by more, but few are of one name, and maps are asked for them by every part. */
    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** How soon after a part its collation may have to be looked at. */
    public Duration soonestDue() {
        return times.deadline().compareTo(times.gapTimeout()) < 0 ? times.deadline() : times.gapTimeout();
    }

    /**
     * How a collation is made up.
     *
     * @param single whether it has one part only. Then its id is ours to make, {@code <partition>-<generation>},
     *        and what came in and what came out is kept with it.
     * @param firstIndex the index with which it begins
     * @param callbackRequired whether it must bring a callback URL, since there is no other place to deliver to
     * @param hold whether a failed part keeps it open until its deadline, for somebody to have the part retried
     * @param deferring whether a part may be answered for later, see {@link PartResult.Deferred}
     */
    public record Shape(boolean single, int firstIndex, boolean callbackRequired, boolean hold, boolean deferring) {

        /** Whether parts of it may be neither in a journal nor in the collation. */
        public boolean keepsPartsAside() {
            return hold || deferring;
        }
    }

    /**
     * How much there may be, per partition.
     *
     * @param journal parts accepted and not yet collated
     * @param waiting parts that are to be answered for later
     * @param dead parts that failed and are held for a retry
     * @param open collations that have not ended
     * @param undelivered outcomes that are to be delivered, or are dead letters
     * @param outputBytes outputs of one collation together, in UTF-8
     */
    public record Limits(int journal, int waiting, int dead, int open, int undelivered, long outputBytes) {
    }

    /**
     * How long what may take.
     *
     * @param deadline from the first part; what has not ended by then is ended
     * @param gapTimeout from the part that says it is the last, while others are missing
     * @param completion from when a part was put off; then it is processed again
     */
    public record Times(Duration deadline, Duration gapTimeout, Duration completion) {
    }
}
