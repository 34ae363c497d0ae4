package io.ancillary.sessions;

import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;

import io.ancillary.processing.AccessList.Entry;

/** A station's entry in JSON: {@code "*"}, or a list of driver tokens. */
final class AccessListEntry {
    static final int MOST_TOKENS = 1000;
    private static final String EVERYBODY = "*";

    private AccessListEntry() {
    }

    /** Reads an entry; fails with {@link IllegalArgumentException} and a sentence that says what is wrong. */
    static Entry read(JsonNode tokens) {
        if (tokens.isTextual() && tokens.textValue().equals(EVERYBODY)) {
            return new Entry(true, Set.of());
        }
        if (!tokens.isArray() || tokens.isEmpty() || tokens.size() > MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "driver_tokens must be \"*\" or a list of 1 to " + MOST_TOKENS + " driver tokens");
        }
        Set<String> read = new TreeSet<>();
        for (JsonNode token : tokens) {
            if (!token.isTextual() || !SessionReader.isDriverToken(token.textValue())) {
                throw new IllegalArgumentException("driver_tokens must hold 20 to 80 of A-Z a-z 0-9 - . _ ~ each");
            }
            read.add(token.textValue());
        }
        return new Entry(false, read);
    }

    /** A list that says two things, or says more than is looked at, lets somebody charge who should not. */
    static ObjectReader strict(ObjectMapper mapper) {
        return mapper.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);
    }

    /** What {@link #read} reads. */
    static Object write(Entry entry) {
        return entry.everybody() ? EVERYBODY : new TreeSet<>(entry.driverTokens());
    }
}
