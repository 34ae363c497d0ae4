package io.ancillary.http;

import java.util.Optional;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * What a client gets with 202.
 *
 * @param body JSON
 * @param location where to ask how it stands
 */
public record Receipt(String body, Optional<String> location) {

    /** The same, as JAX-RS answers it. */
    public Response toResponse() {
        Response.ResponseBuilder response = Response.accepted(body).type(MediaType.APPLICATION_JSON_TYPE);
        location.ifPresent(path -> response.header(HttpHeaders.LOCATION, path));
        return response.build();
    }
}
