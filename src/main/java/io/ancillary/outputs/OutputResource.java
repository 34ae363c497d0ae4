package io.ancillary.outputs;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.ancillary.collation.Completion;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.http.Problem;
import io.ancillary.http.ProblemException;
import io.ancillary.pipeline.Engine;
import io.ancillary.processing.JsonText;
import io.smallrye.mutiny.Uni;

/** Takes the outputs of parts that were put off. Whoever has a part's token may give its output, and nobody else. */
@Path("/api/v1/ancillary/outputs")
public class OutputResource {
    private static final String TAKEN = "{\"status\":\"accepted\"}";

    private final Engine engine;

    OutputResource(Engine engine) {
        this.engine = engine;
    }

    /** 200 once the output is in Redis, now or since before. */
    @POST
    @Path("/{token}")
    @TokenNeeded
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> complete(@PathParam("token") String token, byte[] body) {
        PartId part = engine.partOf(token).orElseThrow(TokenFilter::unknown);
        String json = JsonText.read(body)
                .orElseThrow(() -> ProblemException.invalid("the body must be one JSON value, in UTF-8"));
        PartResult.Output output = engine.output(part, json).orElseThrow(() -> ProblemException
                .invalid("status must be allowed, not_allowed or invalid"));
        return engine.complete(part, output).map(OutputResource::answer);
    }

    private static Response answer(Completion completion) {
        if (completion instanceof Completion.Conflict) {
            throw ProblemException.conflict("content_conflict", "this part has another output");
        }
        if (completion instanceof Completion.Gone) {
            throw new ProblemException(410, new Problem("finished", "this part's output is not awaited any more"));
        }
        if (completion instanceof Completion.Broken) {
            throw new StoreUnavailableException("what is kept of this part's resource cannot be used");
        }
        if (completion instanceof Completion.OverCapacity) {
            throw ProblemException.unavailable("over_capacity",
                    "not taken: as much is being completed as is allowed. Repeating the request is safe");
        }
        if (completion instanceof Completion.TooLarge) {
            throw new ProblemException(413, new Problem("too_large",
                    "with this output all outputs of the resource together would be too large: it is not taken"));
        }
        return Response.ok(TAKEN).type(MediaType.APPLICATION_JSON_TYPE).build();
    }
}
