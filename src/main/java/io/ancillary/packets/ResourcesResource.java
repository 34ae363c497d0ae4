package io.ancillary.packets;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.jboss.resteasy.reactive.RestResponse;
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
import io.ancillary.http.ResourceId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** Tells how resources stand, and drops them. */
@Path("/api/v1/ancillary/resources")
@Produces(MediaType.APPLICATION_JSON)
public class ResourcesResource {
    private static final Set<String> STATUSES = Set.of("collecting", "closing", "completed", "incomplete", "delivered",
            "dead");

    private final Partitions partitions;
    private final PacketsFlow flow;
    private final Listing<ResourceView> listing;

    ResourcesResource(Partitions partitions, PacketsFlow flow) {
        this.partitions = partitions;
        this.flow = flow;
        this.listing = new Listing<>(partitions, flow.flow().name(), ResourceView::row);
    }

    @GET
    @Path("/{resource_id}")
    public Uni<ResourceView> get(@PathParam("resource_id") String id) {
        CollationStore store = partitions.of(id);
        return Uni.createFrom().completionStage(() -> store.find(collation(id)))
                .map(found -> found.orElseThrow(() -> unknown(id)))
                .chain(snapshot -> detailed(store, snapshot));
    }

    private static Uni<ResourceView> detailed(CollationStore store, Snapshot snapshot) {
        return Uni.combine().all().unis(
                Uni.createFrom().completionStage(() -> store.missing(snapshot, ResourceView.MOST_LISTED)),
                Uni.createFrom().completionStage(() -> store.failures(snapshot, ResourceView.MOST_LISTED)))
                .with((missing, failures) -> ResourceView.detailed(snapshot, missing, failures));
    }

    /** Newest first. */
    @GET
    @OperatorOnly
    public Uni<ResourcePage> list(@QueryParam("status") @Nullable String status,
            @QueryParam("limit") @DefaultValue(ListLimit.USUAL) @ListLimit String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Optional<String> wanted = Optional.ofNullable(status).map(text -> text.toLowerCase(Locale.ROOT));
        if (wanted.isPresent() && !STATUSES.contains(wanted.get())) {
            throw ProblemException.invalid("status must be one of " + String.join(", ", STATUSES.stream().sorted().toList()));
        }
        return listing
                .page(it -> wanted.isEmpty() || wanted.get().equals(ResourceView.status(it)), Integer.parseInt(limit),
                        Cursor.read(cursor))
                .map(page -> new ResourcePage(page.rows(), page.nextCursor()));
    }

    /** Drops a resource and its work. What is under way to the webhook may still arrive there. */
    @DELETE
    @OperatorOnly
    @Path("/{resource_id}")
    public Uni<RestResponse<Void>> drop(@PathParam("resource_id") String id) {
        return Uni.createFrom().completionStage(() -> partitions.of(id).drop(collation(id)))
                .map(dropped -> {
                    if (!dropped) {
                        throw unknown(id);
                    }
                    return RestResponse.noContent();
                });
    }

    /** Newest first; without a cursor it is the last page. */
    @RegisterForReflection
    record ResourcePage(List<ResourceView> resources,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
    }

    private CollationId collation(String id) {
        if (!ResourceId.isValid(id)) {
            throw unknown(id);
        }
        return new CollationId(flow.flow().name(), id);
    }

    private static ProblemException unknown(String id) {
        return ProblemException.notFound(ResourceId.isValid(id) ? "there is no resource " + id : "there is no such resource");
    }
}
