package io.ancillary.processing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;

/** What is given as an output: one JSON value of any type, in UTF-8. */
public final class JsonText {
    /** As long as an output may be, in bytes. */
    public static final int MOST_BYTES = 1024 * 1024;

    private static final JsonFactory JSON = new JsonFactory();

    private JsonText() {
    }

    /** The text, as it came but for JSON's own blanks around it; empty when it is anything else. */
    public static Optional<String> read(byte[] bytes) {
        try {
            // Decoded apart from parsing: the parser itself would take UTF-16 and overlong forms as well.
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            try (JsonParser parser = JSON.createParser(text)) {
                if (parser.nextToken() == null) {
                    return Optional.empty();
                }
                parser.skipChildren();
                return parser.nextToken() == null ? Optional.of(text.strip()) : Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
