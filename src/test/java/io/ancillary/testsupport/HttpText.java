package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;

import io.vertx.core.buffer.Buffer;

/**
 * What comes over one connection, message by message, as text: just enough HTTP for peers that send one at a time, say how
 * long its body is, and wait. Who measures a service on the same machine must leave it some of that, so a message that comes
 * whole is copied once.
 */
final class HttpText {
    private static final String END_OF_LINE = "\r\n";
    private static final String END_OF_HEAD = END_OF_LINE + END_OF_LINE;

    /** Of the message that is coming. */
    private String read = "";

    /** Whether none of the next message has come yet. */
    boolean isEmpty() {
        return read.isEmpty();
    }

    /** The message that this completes, head and body. */
    Optional<String> add(Buffer data) {
        String text = read + data.toString(ISO_8859_1);
        int end = text.indexOf(END_OF_HEAD);
        boolean whole = end >= 0 && text.length() >= end + END_OF_HEAD.length() + length(text);
        read = whole ? "" : text;
        return whole ? Optional.of(text) : Optional.empty();
    }

    private static int length(String text) {
        String value = header(text, "content-length");
        return value.isEmpty() ? 0 : Integer.parseInt(value);
    }

    /** The value of a header, in whatever case; the empty string when there is none. */
    static String header(String message, String name) {
        int line = message.indexOf(END_OF_LINE);
        while (line >= 0 && !message.startsWith(END_OF_HEAD, line)) {
            int begin = line + END_OF_LINE.length();
            int colon = begin + name.length();
            line = message.indexOf(END_OF_LINE, begin);
            if (message.regionMatches(true, begin, name, 0, name.length()) && message.charAt(colon) == ':') {
                return message.substring(colon + 1, line).strip();
            }
        }
        return "";
    }

    static String body(String message) {
        return message.substring(message.indexOf(END_OF_HEAD) + END_OF_HEAD.length());
    }
}
