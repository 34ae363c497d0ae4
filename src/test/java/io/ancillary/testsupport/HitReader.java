package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads whole requests off a connection, and no more of any than a receiver can bear. */
final class HitReader {
    private static final int MOST_HEAD_BYTES = 64 * 1024;
    private static final int MOST_BODY_BYTES = 16 * 1024 * 1024;

    private final InputStream in;
    private int headBytes;

    HitReader(InputStream in) {
        this.in = in;
    }

    /** The next request; nothing when the peer has sent its last. */
    Optional<Hit> next() throws IOException {
        headBytes = 0;
        in.mark(1);
        if (in.read() < 0) {
            return Optional.empty();
        }
        in.reset();
        String[] requestLine = line().split(" ", -1);
        if (requestLine.length != 3) {
            throw new IOException("not a request line: " + String.join(" ", requestLine));
        }
        Map<String, String> headers = headers();
        return Optional.of(Hit.now(headers, requestLine[1], body(headers)));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header: " + line);
            }
            headers.merge(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip(),
                    (first, second) -> first + "," + second);
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return chunks();
        }
        return exactly(length(headers.getOrDefault("content-length", "0"), 10, 0));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = chunkLength(0); length > 0; length = chunkLength(body.size())) {
            body.writeBytes(exactly(length));
            line();
        }
        // What comes after the last chunk has the form of headers, and ends as they do.
        headers();
        return body.toByteArray();
    }

    private int chunkLength(int before) throws IOException {
        headBytes = 0;
        return length(line().split(";", 2)[0].strip(), 16, before);
    }

    private static int length(String digits, int radix, int before) throws IOException {
        try {
            int length = Integer.parseUnsignedInt(digits, radix);
            if (length >= 0 && length <= MOST_BODY_BYTES - before) {
                return length;
            }
        } catch (NumberFormatException e) {
            throw new IOException("not a length: " + digits, e);
        }
        throw new IOException("too long a body: " + digits);
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the peer has gone in the midst of its request");
        }
        return bytes;
    }

    /** Up to the line's end, without it. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || ++headBytes > MOST_HEAD_BYTES) {
                throw new EOFException("a line that does not end");
            }
            line.write(next);
        }
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
