package io.ancillary.sessions;

import java.io.IOException;
import java.io.UncheckedIOException;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.collation.Snapshot;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** A session as it is kept in Redis, and as its callback tells it. */
@Singleton
class SessionJson {
    private final ObjectMapper mapper;

    SessionJson(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    String write(SessionRequest request) {
        return writeAny(request);
    }

    SessionRequest read(String json) {
        try {
            return mapper.readValue(json, SessionRequest.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was asked for. */
    SessionRequest request(Snapshot session) {
        return read(session.terms().request().orElseThrow());
    }

    /** The callback's body, of a session that is decided. */
    String callback(Snapshot session) {
        SessionRequest request = request(session);
        return writeAny(new Callback(request.stationId(), request.driverToken(),
                Decision.of(session).orElseThrow().word()));
    }

    private String writeAny(Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @RegisterForReflection
    @JsonPropertyOrder({ "station_id", "driver_token", "status" })
    record Callback(String stationId, String driverToken, String status) {
    }
}
