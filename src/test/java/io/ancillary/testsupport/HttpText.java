package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;

import io.vertx.core.buffer.Buffer;

/**
 * What comes over one connection, message by message, as text: just enough HTTP for peers that send one at a time, say how
 * long its body is, and wait. Who measures a service on the same machine must leave it some of that, so most is made of a
 * message that comes whole.
 */
final class HttpText {
    private static final String END_OF_LINE = "\r\n";
    private static final String END_OF_HEAD = END_OF_LINE + END_OF_LINE;

    /** Of a message that has not come whole. */
    private final StringBuilder read = new StringBuilder();
    /** How long that will be; negative while nobody knows. */
    private int length;

    /** Whether none of the next message has come yet. */
    boolean isEmpty() {
        return read.isEmpty();
    }

    /** The message that this completes, head and body. */
    Optional<String> add(Buffer data) {
        String piece = data.toString(ISO_8859_1);
        if (read.isEmpty()) {
            length = length(piece);
            if (isWhole(piece)) {
                return Optional.of(piece);
            }
        }
        read.append(piece);
        if (length < 0) {
            length = length(read.toString());
        }
        if (!isWhole(read)) {
            return Optional.empty();
        }
        String message = read.toString();
        read.setLength(0);
        return Optional.of(message);
    }

    private boolean isWhole(CharSequence text) {
        return length >= 0 && text.length() >= length;
    }

    /** Of a message that begins so. */
    private static int length(String begin) {
        int end = begin.indexOf(END_OF_HEAD);
        String body = header(begin, "content-length");
        return end < 0 ? -1 : end + END_OF_HEAD.length() + (body.isEmpty() ? 0 : Integer.parseInt(body));
    }

    /** The value of a header, in whatever case; the empty string when there is none. */
    static String header(String message, String name) {
        int line = message.indexOf(END_OF_LINE);
        while (line >= 0 && !message.startsWith(END_OF_HEAD, line)) {
            int begin = line + END_OF_LINE.length();
            int colon = begin + name.length();
            line = message.indexOf(END_OF_LINE, begin);
            if (line >= colon && message.regionMatches(true, begin, name, 0, name.length())
                    && message.charAt(colon) == ':') {
                return message.substring(colon + 1, line).strip();
            }
        }
        return "";
    }

    static String body(String message) {
        return message.substring(message.indexOf(END_OF_HEAD) + END_OF_HEAD.length());
    }
}
