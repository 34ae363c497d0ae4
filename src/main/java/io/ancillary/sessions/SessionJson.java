package io.ancillary.sessions;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import jakarta.inject.Singleton;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.collation.Snapshot;

/**
 * A session as it is kept in Redis, and as its callback tells it. By hand: a session is written and read five times on its
 * way, and to bind three strings to a record costs more than to read them.
 */
@Singleton
class SessionJson {
    private static final String STATION = "station_id";
    private static final String TOKEN = "driver_token";
    private static final String CALLBACK = "callback_url";

    private final ObjectMapper mapper;

    SessionJson(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    String write(SessionRequest request) {
        return object(STATION, request.stationId(), TOKEN, request.driverToken(), CALLBACK, request.callbackUrl());
    }

    /** What {@link #write} wrote. */
    SessionRequest read(String json) {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = mapper.getFactory().createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                fields.put(parser.currentName(), parser.nextTextValue());
                // What a newer version writes beside these.
                parser.skipChildren();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SessionRequest(field(fields, STATION), field(fields, TOKEN), field(fields, CALLBACK));
    }

    private static String field(Map<String, String> fields, String name) {
        return requireNonNull(fields.get(name), () -> "a session was kept without its " + name);
    }

    /** What the remote authorization service is asked. */
    String question(SessionRequest request) {
        return object(STATION, request.stationId(), TOKEN, request.driverToken());
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
        return object(STATION, request.stationId(), TOKEN, request.driverToken(), "status",
                Decision.of(session).orElseThrow().word());
    }

    private static String object(String... namesAndValues) {
        StringBuilder json = new StringBuilder(128);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            json.append(i == 0 ? "{\"" : ",\"").append(namesAndValues[i]).append("\":\"");
            JsonStringEncoder.getInstance().quoteAsString(namesAndValues[i + 1], json);
            json.append('"');
        }
        return json.append('}').toString();
    }
}
