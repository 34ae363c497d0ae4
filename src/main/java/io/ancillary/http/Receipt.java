package io.ancillary.http;

import java.util.Optional;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * What a client gets with 202, or why it does not. That it is a value and not a failure matters where thousands a second are
 * turned away: what fails on its way through stages is wrapped in an exception with a stack trace, each time.
 *
 * @param body JSON
 * @param location where to ask how it stands
 * @param refusal instead of all that
 */
public record Receipt(String body, Optional<String> location, Optional<ProblemException> refusal) {

    public static Receipt accepted(String body) {
        return new Receipt(body, Optional.empty(), Optional.empty());
    }

    public static Receipt accepted(String body, String location) {
        return new Receipt(body, Optional.of(location), Optional.empty());
    }

    public static Receipt refused(ProblemException why) {
        return new Receipt("", Optional.empty(), Optional.of(why));
    }

    /** The same, as JAX-RS answers it; fails with the refusal, if that is what it is. */
    public Response toResponse() {
        refusal.ifPresent(why -> {
            throw why;
        });
        Response.ResponseBuilder response = Response.accepted(body).type(MediaType.APPLICATION_JSON_TYPE);
        location.ifPresent(path -> response.header(HttpHeaders.LOCATION, path));
        return response.build();
    }
}
