package io.ancillary.sessions;

import java.util.List;
import java.util.Optional;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Partitions;
import io.ancillary.collation.Snapshot;
import io.ancillary.http.Cursor;
import io.ancillary.http.ListLimit;
import io.ancillary.http.Listing;
import io.ancillary.http.OperatorOnly;
import io.ancillary.http.ProblemException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** Tells how sessions stand: one to whoever knows its id, all of them to the operator. */
@Path("/charge_point/sessions")
@Produces(MediaType.APPLICATION_JSON)
public class SessionsResource {
    private final Partitions partitions;
    private final SessionJson json;
    private final String flow;
    private final Listing<SessionView> listing;

    SessionsResource(Partitions partitions, SessionsFlow flow, SessionJson json) {
        this.partitions = partitions;
        this.json = json;
        this.flow = flow.flow().name();
        this.listing = new Listing<>(partitions, this.flow, session -> view(session, true));
    }

    @GET
    @Path("/{id}")
    public Uni<SessionView> get(@PathParam("id") String id) {
        Optional<CollationStore> store = partitions.named(id);
        if (store.isEmpty()) {
            throw unknown();
        }
        return Uni.createFrom().completionStage(() -> store.get().find(new CollationId(flow, id)))
                .map(found -> view(found.orElseThrow(SessionsResource::unknown), false));
    }

    /** Newest first. */
    @GET
    @OperatorOnly
    public Uni<SessionPage> list(@QueryParam("limit") @DefaultValue(ListLimit.USUAL) @ListLimit String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        return Uni.combine().all()
                .unis(listing.count(), listing.page(any -> true, Integer.parseInt(limit), Cursor.read(cursor)))
                .with((count, page) -> new SessionPage(count, page.rows(), page.nextCursor()));
    }

    private SessionView view(Snapshot session, boolean forOperator) {
        return SessionView.of(session, json.request(session), forOperator);
    }

    private static ProblemException unknown() {
        return ProblemException.notFound("there is no such session");
    }

    /** Newest first; without a cursor it is the last page. */
    @RegisterForReflection
    record SessionPage(int count, List<SessionView> sessions,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
    }
}
