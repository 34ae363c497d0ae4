package io.ancillary.operate;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Redelivery;
import io.ancillary.http.ListLimit;
import io.ancillary.http.OperatorOnly;
import io.ancillary.http.ProblemException;
import io.ancillary.operate.Deliveries.Wanted;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** Tells what became of deliveries, and has them made once more. */
@Path("/api/v1/deliveries")
@OperatorOnly
@Produces(MediaType.APPLICATION_JSON)
public class DeliveriesResource {
    private static final Set<String> BULK = Set.of("status", "since", "host", "cursor");

    private final Deliveries deliveries;

    DeliveriesResource(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    /** Pending ones by their next attempt, dead letters latest first, others by flow, of the newest resources first. */
    @GET
    public Uni<Listed> list(@QueryParam("status") @Nullable String status, @QueryParam("host") @Nullable String host,
            @QueryParam("limit") @DefaultValue(ListLimit.USUAL) @ListLimit String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        Wanted wanted = new Wanted(status(status, DeliveryStatus.ANY), given(host), Optional.empty());
        return deliveries.page(wanted, Integer.parseInt(limit), cursor).map(page -> new Listed(
                page.rows().stream().map(it -> DeliveryView.of(it, deliveries.url(it), null)).toList(), page.nextCursor()));
    }

    @GET
    @Path("/{id}")
    public Uni<DeliveryView> get(@PathParam("id") String id) {
        return deliveries.find(id).map(found -> found.orElseThrow(DeliveriesResource::unknown));
    }

    /** 202: it is made once more, at once, and all attempts are before it; or an attempt is being made anyhow. */
    @POST
    @Path("/{id}/redeliver")
    public Uni<Response> redeliver(@PathParam("id") String id) {
        return deliveries.redeliver(id).map(done -> {
            if (done == Redelivery.GONE) {
                throw unknown();
            }
            return accepted(new Begun("accepted", done == Redelivery.BEGUN ? 1 : 0, null));
        });
    }

    /** Likewise of all dead letters, or of all of another status, of which it looks at 10,000 a call. */
    @POST
    @Path("/redeliver")
    public Uni<Response> redeliverAll(@QueryParam("status") @Nullable String status,
            @QueryParam("since") @Nullable String since, @QueryParam("host") @Nullable String host,
            @QueryParam("cursor") @Nullable String cursor, @Context UriInfo uri) {
        onlyKnown(uri.getQueryParameters());
        Wanted wanted = new Wanted(status(status, DeliveryStatus.DEAD), given(host),
                given(since).map(DeliveriesResource::instant));
        return deliveries.redeliverAll(wanted, cursor)
                .map(done -> accepted(new Begun("accepted", done.count(), done.nextCursor())));
    }

    /** What was meant to leave some out, and does not, would have all of them made once more. */
    private static void onlyKnown(MultivaluedMap<String, String> parameters) {
        parameters.forEach((name, values) -> {
            if (!BULK.contains(name) || values.size() != 1 || values.get(0).isBlank()) {
                throw ProblemException.invalid("status, since, host and cursor can be said, each once and not empty");
            }
        });
    }

    private static Response accepted(Begun begun) {
        return Response.accepted(begun).type(MediaType.APPLICATION_JSON_TYPE).build();
    }

    private static DeliveryStatus status(@Nullable String text, DeliveryStatus usual) {
        return given(text).map(word -> switch (word.toLowerCase(Locale.ROOT)) {
            case "pending" -> DeliveryStatus.PENDING;
            case "delivered" -> DeliveryStatus.DELIVERED;
            case "dead" -> DeliveryStatus.DEAD;
            default -> throw ProblemException.invalid("status must be one of pending, delivered, dead");
        }).orElse(usual);
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid("since must be a time such as 2026-01-31T12:00:00Z");
        }
    }

    private static Optional<String> given(@Nullable String text) {
        return Optional.ofNullable(text).filter(it -> !it.isBlank());
    }

    private static ProblemException unknown() {
        return ProblemException.notFound("there is no such delivery");
    }

    /** Without a cursor it is the last page. */
    @RegisterForReflection
    record Listed(List<DeliveryView> deliveries,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
    }

    /** How many are made once more; with a cursor there may be others: then ask again with it. */
    @RegisterForReflection
    record Begun(String status, int redelivered,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
    }
}
