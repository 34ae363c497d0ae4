package io.ancillary.sessions;

import java.io.IOException;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.jboss.resteasy.reactive.RestResponse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.http.OperatorOnly;
import io.ancillary.http.ProblemException;
import io.ancillary.processing.AccessList;
import io.ancillary.processing.AccessList.Entry;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** The access control list, station by station. What is changed here holds for every decision from then on. */
@Path("/charge_point/acl/{station_id}")
@OperatorOnly
@Produces(MediaType.APPLICATION_JSON)
public class AccessListResource {
    private final AccessList list;
    private final ObjectMapper mapper;

    AccessListResource(AccessList list, ObjectMapper mapper) {
        this.list = list;
        this.mapper = mapper;
    }

    @GET
    public Uni<EntryView> get(@PathParam("station_id") String station) {
        String id = checked(station);
        return Uni.createFrom().completionStage(() -> list.find(id))
                .map(found -> view(id, found.orElseThrow(AccessListResource::unknown)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<EntryView> put(@PathParam("station_id") String station, byte[] body) {
        String id = checked(station);
        Entry entry = read(body);
        return Uni.createFrom().completionStage(() -> list.put(id, entry)).map(done -> view(id, entry));
    }

    @DELETE
    public Uni<RestResponse<Void>> remove(@PathParam("station_id") String station) {
        String id = checked(station);
        return Uni.createFrom().completionStage(() -> list.remove(id)).map(removed -> {
            if (!removed) {
                throw unknown();
            }
            return RestResponse.noContent();
        });
    }

    private Entry read(byte[] body) {
        try {
            JsonNode root = AccessListEntry.strict(mapper).readTree(body);
            if (root == null || !root.isObject()) {
                throw ProblemException.invalid("the body must be a JSON object");
            }
            return AccessListEntry.read(root.path("driver_tokens"));
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw ProblemException.invalid("the body is not valid JSON in UTF-8");
        }
    }

    private static EntryView view(String station, Entry entry) {
        return new EntryView(station, AccessListEntry.write(entry));
    }

    private static String checked(String station) {
        if (!SessionReader.isStationId(station)) {
            throw ProblemException.invalid("station id is not a valid uuid");
        }
        return station;
    }

    private static ProblemException unknown() {
        return ProblemException.notFound("the access control list has no entry for this station");
    }

    /** A station's entry: its tokens are {@code "*"} or a list. */
    @RegisterForReflection
    record EntryView(String stationId, Object driverTokens) {
    }
}
