package io.ancillary.sessions;

import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.pipeline.OutcomeWriter;

/** The callback's body: a session has one part, and its decision stands with it. */
record CallbackWriter(SessionJson json) implements OutcomeWriter {

    @Override
    public void begin(Snapshot of, StringBuilder to) {
        to.append(json.callback(of));
    }

    @Override
    public void output(PartResult.Output output, StringBuilder to) {
        // Said at the beginning.
    }

    @Override
    public void missing(int index, StringBuilder to) {
        // Its one part is what makes a session.
    }

    @Override
    public void failed(int index, String error, StringBuilder to) {
        // Said at the beginning: unknown.
    }

    @Override
    public void end(StringBuilder to) {
        // Nothing is open.
    }
}
