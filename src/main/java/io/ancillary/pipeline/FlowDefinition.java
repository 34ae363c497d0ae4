package io.ancillary.pipeline;

import java.net.URI;
import java.util.Optional;

import io.ancillary.collation.Flow;
import io.ancillary.collation.PartResult;
import io.ancillary.processing.Processed;
import io.ancillary.processing.Turn;
import io.smallrye.mutiny.Uni;

/** All that makes a flow a flow. The engine finds every bean of this type. */
public interface FlowDefinition {

    Flow flow();

    /** Works on a part, without blocking. A failed Uni is a failure of the part, for good. */
    Uni<Processed> process(Turn turn);

    /** The output that a processor's JSON stands for; empty when it is none of this flow. */
    Optional<PartResult.Output> output(String json);

    /** Writes the webhook's body of one outcome. */
    OutcomeWriter writer();

    /** The operator's webhook, for outcomes that bring no callback URL of their own. */
    Optional<URI> webhook();
}
