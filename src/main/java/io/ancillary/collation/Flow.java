package io.ancillary.collation;

import java.time.Duration;

/**
 * A kind of work, as far as the store must know it.
 *
 * @param name part of every key, word {@code [a-z]+}
 * @param shape how its collations are made up
 * @param journalCapacity parts accepted and not yet collated, per partition
 * @param openCapacity collations that have not ended, per partition
 * @param deadline from the first part; what has not ended by then is ended
 * @param gapTimeout from the part that says it is the last, while others are missing
 */
public record Flow(String name, Shape shape, int journalCapacity, int openCapacity, Duration deadline,
        Duration gapTimeout) {

    public Flow {
        if (!name.matches("[a-z]+")) {
            throw new IllegalArgumentException("not a flow's name: " + name);
        }
    }

    /** How soon after a part its collation may have to be looked at. */
    public Duration soonestDue() {
        return deadline.compareTo(gapTimeout) < 0 ? deadline : gapTimeout;
    }

    /**
     * How a collation is made up.
     *
     * @param single whether it has one part only. Then its id is ours to make, {@code <partition>-<generation>},
     *        and what came in and what came out is kept with it.
     * @param firstIndex the index with which it begins
     * @param callbackRequired whether it must bring a callback URL, since there is no other place to deliver to
     */
    public record Shape(boolean single, int firstIndex, boolean callbackRequired) {
    }
}
