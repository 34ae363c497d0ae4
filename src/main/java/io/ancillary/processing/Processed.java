package io.ancillary.processing;

import java.time.Duration;

import io.ancillary.collation.PartResult;

/** How one turn at a part ended. */
public sealed interface Processed {

    /** There is a result, or the processor has put the part off. */
    record Done(PartResult result) implements Processed {
    }

    /**
     * There is none, and the part is to have another turn.
     *
     * @param attempts how often the part was given to the processor in all, this turn included
     * @param pause whether the processor is to be left alone meanwhile, by other parts too
     */
    record Later(int attempts, Duration delay, boolean pause) implements Processed {
    }
}
