package io.ancillary.packets;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.JsonBody;
import io.ancillary.http.JsonBody.FieldReader;
import io.ancillary.http.Problem.Violation;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ResourceId;

/** Reads one packet from JSON. Types are strict, and all that is wrong is said at once. */
final class PacketReader {
    private final PacketLimits limits;
    private final CallbackPolicy callbacks;

    PacketReader(PacketLimits limits, CallbackPolicy callbacks) {
        this.limits = limits;
        this.callbacks = callbacks;
    }

    /** Reads a body in UTF-8; fails with a {@link ProblemException}. */
    Packet read(byte[] body) {
        Fields fields = new Fields();
        return fields.toPacket(JsonBody.read(body, fields));
    }

    /** What was found so far, right and wrong. */
    private final class Fields implements JsonBody.Fields {
        private final List<Violation> violations = new ArrayList<>();

        private @Nullable ResourceId resource;
        private @Nullable String payload;
        private @Nullable Integer index;
        private @Nullable String callback;
        private boolean last;

        @Override
        public @Nullable FieldReader reader(String name) {
            return switch (name) {
                case "resource_id" -> this::readResource;
                case "payload" -> this::readPayload;
                case "packet_index" -> this::readIndex;
                case "last_chunk_flag" -> this::readLast;
                case "callback_url" -> this::readCallback;
                default -> null;
            };
        }

        void readResource(JsonParser value) throws IOException {
            if (value.currentToken() == JsonToken.VALUE_NUMBER_INT && ResourceId.isValid(value.getBigIntegerValue())) {
                // Not as it is written: -0 is 0.
                resource = new ResourceId(value.getBigIntegerValue().toString());
            } else if (value.currentToken() == JsonToken.VALUE_STRING && ResourceId.isValid(value.getText())) {
                resource = new ResourceId(value.getText());
            } else {
                wrong(value, "resource_id", "resource_id must be an integer from 0 to 9223372036854775807"
                        + " or a string of 1 to 128 of A-Z a-z 0-9 . _ ~ : -");
            }
        }

        void readPayload(JsonParser value) throws IOException {
            String problem = value.currentToken() == JsonToken.VALUE_STRING ? problemOf(value.getText())
                    : "payload must be a string";
            if (problem == null) {
                payload = value.getText();
            } else {
                wrong(value, "payload", problem);
            }
        }

        private @Nullable String problemOf(String text) {
            if (text.isBlank()) {
                return "payload must not be blank";
            }
            int length = text.codePointCount(0, text.length());
            if (length > limits.maxPayload()) {
                return "payload has " + length + " characters, at most " + limits.maxPayload() + " are allowed";
            }
            // Half a surrogate pair can be written in JSON, but not in UTF-8: kept, it would become another text.
            return isWellFormed(text) ? null : "payload must be well-formed Unicode text";
        }

        private static boolean isWellFormed(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i))) {
                    if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                        return false;
                    }
                    i++;
                }
            }
            return true;
        }

        void readIndex(JsonParser value) throws IOException {
            if (value.currentToken() == JsonToken.VALUE_NUMBER_INT && value.getNumberType() == JsonParser.NumberType.INT
                    && value.getIntValue() >= limits.firstIndex() && value.getIntValue() <= limits.maxPackets()) {
                index = value.getIntValue();
                return;
            }
            wrong(value, "packet_index",
                    "packet_index must be an integer from " + limits.firstIndex() + " to " + limits.maxPackets());
        }

        void readLast(JsonParser value) {
            switch (value.currentToken()) {
                case VALUE_TRUE -> last = true;
                case VALUE_FALSE -> last = false;
                default -> violations.add(new Violation("last_chunk_flag", "last_chunk_flag must be true or false"));
            }
        }

        void readCallback(JsonParser value) throws IOException {
            if (value.currentToken() == JsonToken.VALUE_STRING && callbacks.accepts(value.getText())) {
                callback = value.getText();
            } else if (value.currentToken() != JsonToken.VALUE_NULL) {
                violations.add(new Violation("callback_url", "callback_url is not a valid URL"));
            }
        }

        /** A required field that is null is missing, whatever else it should have been. */
        private void wrong(JsonParser value, String field, String message) {
            violations.add(new Violation(field,
                    value.currentToken() == JsonToken.VALUE_NULL ? field + " is missing" : message));
        }

        Packet toPacket(List<Violation> repeated) {
            require("resource_id", resource);
            require("payload", payload);
            require("packet_index", index);
            violations.addAll(repeated);
            if (!violations.isEmpty() || resource == null || payload == null || index == null) {
                throw ProblemException.invalid(violations);
            }
            return new Packet(resource, index, last, payload, Optional.ofNullable(callback));
        }

        /** What is there, and wrong, is not missing. */
        private void require(String name, @Nullable Object value) {
            if (value == null && violations.stream().noneMatch(it -> it.field().equals(name))) {
                violations.add(new Violation(name, name + " is missing"));
            }
        }
    }
}
