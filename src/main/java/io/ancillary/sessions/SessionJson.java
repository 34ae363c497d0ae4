package io.ancillary.sessions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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

    /** What the remote authorization service is asked. */
    String question(SessionRequest request) {
        return writeAny(new Question(request.stationId(), request.driverToken()));
    }

    /** The decision in a processor's answer: <code>{"status":"allowed"}</code>, and whatever else it says. */
    Optional<Decision> decision(String json) {
        try {
            return Optional.ofNullable(mapper.readTree(json)).map(answer -> answer.path("status"))
                    .filter(JsonNode::isTextual).flatMap(status -> Decision.ofProcessor(status.asText()));
        } catch (JsonProcessingException e) {
            return Optional.empty();
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
    @JsonPropertyOrder({ "station_id", "driver_token" })
    record Question(String stationId, String driverToken) {
    }

    @RegisterForReflection
    @JsonPropertyOrder({ "station_id", "driver_token", "status" })
    record Callback(String stationId, String driverToken, String status) {
    }
}
