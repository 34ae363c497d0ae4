package io.ancillary.operate;

import java.time.Instant;
import java.util.List;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;

import io.ancillary.collation.DeadPart;
import io.ancillary.collation.PartId;
import io.ancillary.http.ListLimit;
import io.ancillary.http.OperatorOnly;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ResourceId;
import io.ancillary.pipeline.Engine;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** Tells which parts are dead, of collations that are held open for them, and has them retried. */
@Path("/api/v1/parts")
@OperatorOnly
@Produces(MediaType.APPLICATION_JSON)
public class PartsResource {
    private static final String ACCEPTED = "{\"status\":\"accepted\"}";

    private final Engine engine;
    private final DeadParts parts;

    PartsResource(Engine engine, DeadParts parts) {
        this.engine = engine;
        this.parts = parts;
    }

    /** Those of one resource together; the resource one of whose parts failed last comes first. */
    @GET
    public Uni<PartPage> list(@QueryParam("status") @Nullable String status,
            @QueryParam("limit") @DefaultValue(ListLimit.USUAL) @ListLimit String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        if (status != null && !status.equals("dead")) {
            throw ProblemException.invalid("status must be dead");
        }
        return parts.page(cursor, Integer.parseInt(limit));
    }

    /** 202: it is processed again, as if for the first time, and its collation goes on. */
    @POST
    @Path("/{id}/retry")
    public Uni<Response> retry(@PathParam("id") String id) {
        PartId part = PartId.parse(id).orElseThrow(PartsResource::unknown);
        return engine.retry(part).map(found -> {
            if (!found) {
                throw unknown();
            }
            return Response.accepted(ACCEPTED).type(MediaType.APPLICATION_JSON_TYPE).build();
        });
    }

    private static ProblemException unknown() {
        return ProblemException.notFound("there is no such dead part, or its collation has ended");
    }

    /** Without a cursor it is the last page. */
    @RegisterForReflection
    record PartPage(List<PartView> parts, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
    }

    /** A part that failed for good. */
    @RegisterForReflection
    record PartView(String id, String status, String flow, @JsonRawValue String resourceId,
            int index, String error, Instant failedAt) {

        static PartView of(int partition, DeadPart part) {
            return new PartView(new PartId(partition, part.name()).text(), "dead", part.name().id().flow(),
                    new ResourceId(part.name().id().resource()).json(), part.name().index(), part.error(), part.failedAt());
        }
    }
}
