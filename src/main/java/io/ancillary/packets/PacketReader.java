package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;

import io.ancillary.http.Problem.Violation;
import io.ancillary.http.ProblemException;

/** Reads one packet from JSON, token by token. Every method of it fails with a {@link ProblemException}. */
final class PacketReader {
    private static final JsonFactory JSON = new JsonFactory();

    private final PacketsConfig config;

    PacketReader(PacketsConfig config) {
        this.config = config;
    }

    /** Reads a body in UTF-8. */
    Packet read(byte[] body) {
        try (JsonParser parser = JSON.createParser(text(body))) {
            Fields fields = new Fields(config);
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw ProblemException.invalid("the body must be a JSON object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                fields.read(name, parser);
            }
            if (parser.nextToken() != null) {
                throw ProblemException.invalid("the body must be one JSON object and nothing after it");
            }
            return fields.toPacket();
        } catch (StreamConstraintsException e) {
            throw ProblemException.invalid("the body is nested too deeply, or has too long a number or name");
        } catch (JsonParseException | CharacterCodingException e) {
            throw ProblemException.invalid("the body is not valid JSON in UTF-8");
        } catch (IOException e) {
            throw ProblemException.invalid("the body could not be read");
        }
    }

    /** Decoded apart from parsing: the parser itself would take UTF-16 and overlong forms as well. */
    private static String text(byte[] body) throws CharacterCodingException {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    }

    /** What was found so far, right and wrong. */
    private static final class Fields {
        private final PacketsConfig config;
        private final List<Violation> violations = new ArrayList<>();
        private final Set<String> seen = new HashSet<>();

        private @Nullable ResourceId resource;
        private @Nullable String payload;
        private @Nullable Integer index;
        private boolean last;

        Fields(PacketsConfig config) {
            this.config = config;
        }

        void read(String name, JsonParser value) throws IOException {
            switch (name) {
                case "resource_id" -> once(name, value, this::readResource);
                case "payload" -> once(name, value, this::readPayload);
                case "packet_index" -> once(name, value, this::readIndex);
                case "last_chunk_flag" -> once(name, value, this::readLast);
                default -> value.skipChildren();
            }
        }

        /** A field given twice has no one value, so neither counts. */
        private void once(String name, JsonParser value, FieldReader reader) throws IOException {
            if (!seen.add(name)) {
                violations.add(new Violation(name, name + " is given more than once"));
            } else {
                reader.read(value);
            }
            value.skipChildren();
        }

        private void readResource(JsonParser value) throws IOException {
            boolean valid = switch (value.currentToken()) {
                case VALUE_NUMBER_INT -> ResourceId.isValid(value.getBigIntegerValue());
                case VALUE_STRING -> ResourceId.isValid(value.getText());
                default -> false;
            };
            if (valid) {
                resource = new ResourceId(value.getText());
            } else {
                violations.add(new Violation("resource_id", value.currentToken() == JsonToken.VALUE_NULL
                        ? "resource_id is missing"
                        : "resource_id must be an integer from 0 to 9223372036854775807"
                                + " or a string of 1 to 128 of A-Z a-z 0-9 . _ ~ : -"));
            }
        }

        private void readPayload(JsonParser value) throws IOException {
            String problem = switch (value.currentToken()) {
                case VALUE_STRING -> problemOf(value.getText());
                case VALUE_NULL -> "payload is missing";
                default -> "payload must be a string";
            };
            if (problem == null) {
                payload = value.getText();
            } else {
                violations.add(new Violation("payload", problem));
            }
        }

        private @Nullable String problemOf(String text) {
            if (text.isBlank()) {
                return "payload must not be blank";
            }
            int length = text.codePointCount(0, text.length());
            if (length > config.maxPayload()) {
                return "payload has " + length + " characters, at most " + config.maxPayload() + " are allowed";
            }
            // Half a surrogate pair can be written in JSON, but not in UTF-8: kept, it would become another text.
            return UTF_8.newEncoder().canEncode(text) ? null
                    : "payload must be well-formed Unicode text";
        }

        private void readIndex(JsonParser value) throws IOException {
            String range = "packet_index must be an integer from " + config.firstIndex() + " to " + config.maxPackets();
            if (value.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                BigInteger number = value.getBigIntegerValue();
                if (number.bitLength() < 32 && number.intValue() >= config.firstIndex()
                        && number.intValue() <= config.maxPackets()) {
                    index = number.intValue();
                    return;
                }
            }
            violations.add(new Violation("packet_index",
                    value.currentToken() == JsonToken.VALUE_NULL ? "packet_index is missing" : range));
        }

        private void readLast(JsonParser value) {
            switch (value.currentToken()) {
                case VALUE_TRUE -> last = true;
                case VALUE_FALSE -> last = false;
                default -> violations.add(new Violation("last_chunk_flag", "last_chunk_flag must be true or false"));
            }
        }

        Packet toPacket() {
            requireSeen("resource_id");
            requireSeen("payload");
            requireSeen("packet_index");
            if (!violations.isEmpty() || resource == null || payload == null || index == null) {
                throw ProblemException.invalid(violations);
            }
            return new Packet(resource, index, last, payload);
        }

        private void requireSeen(String name) {
            if (!seen.contains(name)) {
                violations.add(new Violation(name, name + " is missing"));
            }
        }
    }

    @FunctionalInterface
    private interface FieldReader {
        void read(JsonParser value) throws IOException;
    }
}
