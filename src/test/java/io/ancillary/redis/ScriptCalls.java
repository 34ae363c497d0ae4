package io.ancillary.redis;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.redis.CollateCalls.Processed;

/** The scripts of one flow, called with just the parts that are given, however many {@link GroupCommit} would let travel. */
public final class ScriptCalls {
    private final AcceptCalls accepts;
    private final CollateCalls collates;
    private long generations;

    ScriptCalls(Calls calls, Flow flow) {
        this.accepts = new AcceptCalls(calls, flow, () -> calls.replica() + "-" + Long.toString(++generations, 36));
        this.collates = new CollateCalls(calls, flow, flow.shape().keepsPartsAside());
    }

    public CompletionStage<List<Acceptance>> accept(List<Arrival> arrivals) {
        return accepts.accept(arrivals);
    }

    public CompletionStage<List<Collated>> collate(List<Part> parts, PartResult result) {
        String output = OutputMember.of(result);
        return collates.collate(parts.stream().map(part -> new Processed(part, output)).toList())
                .thenApply(all -> all.stream().map(Optional::orElseThrow).toList());
    }
}
