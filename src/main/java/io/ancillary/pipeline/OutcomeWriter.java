package io.ancillary.pipeline;

import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;

/**
 * Writes one outcome as the webhook's body, JSON, piece by piece in the order of these methods, so that a large one need
 * not be in memory more than once. Each is called as often as there is something of its kind; indices rise.
 */
public interface OutcomeWriter {

    /** Called once. */
    void begin(Snapshot of, StringBuilder to);

    /** What an index put out. */
    void output(PartResult.Output output, StringBuilder to);

    /** An index that was never received. */
    void missing(int index, StringBuilder to);

    /** An index that was received, and has no output. */
    void failed(int index, String error, StringBuilder to);

    /** Called once. */
    void end(StringBuilder to);
}
