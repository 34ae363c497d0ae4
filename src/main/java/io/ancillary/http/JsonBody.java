package io.ancillary.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;

import io.ancillary.http.Problem.Violation;

/**
 * Reads a body that must be one JSON object, token by token: nothing is built of fields that nobody asked for,
 * and types are whatever the reader of a field insists on.
 */
public final class JsonBody {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonBody() {
    }

    /**
     * Reads a body.
     *
     * @param body UTF-8
     * @param fields who reads which field; called for each field that is there, its reader only for the first of a name, on
     *        the first token of the value
     * @return one violation for each of these fields that is given more than once: it has no one value
     * @throws ProblemException when it is not one JSON object
     */
    public static List<Violation> read(byte[] body, Fields fields) {
        try (JsonParser parser = JSON.createParser(text(body))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw ProblemException.invalid("the body must be a JSON object");
            }
            List<Violation> repeated = readFields(parser, fields);
            if (parser.nextToken() != null) {
                throw ProblemException.invalid("the body must be one JSON object and nothing after it");
            }
            return repeated;
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
        for (byte each : body) {
            if (each < 0) {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            }
        }
        return new String(body, US_ASCII);
    }

    private static List<Violation> readFields(JsonParser parser, Fields fields) throws IOException {
        List<Violation> repeated = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            FieldReader reader = fields.reader(name);
            if (reader != null && seen.contains(name)) {
                repeated.add(new Violation(name, name + " is given more than once"));
            } else if (reader != null) {
                seen.add(name);
                reader.read(parser);
            }
            parser.skipChildren();
        }
        return repeated;
    }

    /** What somebody wants to know of a body: a few fields. */
    @FunctionalInterface
    public interface Fields {

        /** Who reads the field of this name; null when nobody asked for it. */
        @Nullable
        FieldReader reader(String name);
    }

    /** Reads the value of one field. */
    @FunctionalInterface
    public interface FieldReader {

        void read(JsonParser value) throws IOException;
    }
}
