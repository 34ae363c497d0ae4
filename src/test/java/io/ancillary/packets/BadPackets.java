package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.stream.Stream;

/** Bodies that are no packet, and the fields at fault where it is fields. */
final class BadPackets {

    private static final String ALL = "{\"resource_id\":%s,\"payload\":%s,\"packet_index\":%s,\"last_chunk_flag\":%s}";
    private static final int DEEP = 100_000;
    private static final String LONG_NUMBER = "9".repeat(10_000);

    private BadPackets() {
    }

    /** One row of the table; its name is what a failing test is called. */
    record Bad(String name, byte[] body, String... fields) {

        Bad(String name, String body, String... fields) {
            this(name, body.getBytes(UTF_8), fields);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bad> all() {
        return Stream.of(notAnObject(), notJson(), encodings(), resources(), payloads(), indices(), flags(), several())
                .flatMap(rows -> rows);
    }

    private static Stream<Bad> notAnObject() {
        return Stream.of("[]", "\"text\"", "1", "null", "true", "", "   ", "[" + ALL.formatted("1", "\"a\"", "1", "true") + "]")
                .map(body -> new Bad("not an object: " + body, body));
    }

    private static Stream<Bad> notJson() {
        String good = ALL.formatted("1", "\"a\"", "1", "false");
        return Stream.of(
                new Bad("truncated", good.substring(0, good.length() - 1)),
                new Bad("truncated in a string", "{\"resource_id\":1,\"payload\":\"a"),
                new Bad("truncated in a name", "{\"resource_"),
                new Bad("truncated after a name", "{\"resource_id\""),
                new Bad("truncated after a colon", "{\"resource_id\":"),
                new Bad("trailing garbage", good + "x"),
                new Bad("two objects", good + good),
                new Bad("single quotes", good.replace('"', '\'')),
                new Bad("a comment", "/* packet */" + good),
                new Bad("a trailing comma", good.replace("}", ",}")),
                new Bad("not a number", ALL.formatted("1", "\"a\"", "NaN", "false")),
                new Bad("a leading zero", ALL.formatted("1", "\"a\"", "01", "false")),
                new Bad("a raw newline in a string", ALL.formatted("1", "\"a\nb\"", "1", "false")),
                new Bad("a raw NUL in a string", ALL.formatted("1", "\"a\0b\"", "1", "false")),
                new Bad("nothing but NULs", "\0".repeat(1000)),
                new Bad("half an escape", ALL.formatted("1", "\"\\u12\"", "1", "false")),
                new Bad("nested deeply in an unknown field", "{\"x\":" + "[".repeat(DEEP) + "]".repeat(DEEP) + "}"),
                new Bad("nested deeply in a known field",
                        "{\"payload\":" + "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000) + "}"),
                new Bad("nested deeply and never closed", "{\"x\":" + "[".repeat(DEEP)),
                new Bad("a number of ten thousand digits as index", ALL.formatted("1", "\"a\"", LONG_NUMBER, "false")),
                new Bad("a number of ten thousand digits as id", ALL.formatted(LONG_NUMBER, "\"a\"", "1", "false")),
                new Bad("a number of ten thousand digits in an unknown field", "{\"x\":" + LONG_NUMBER + "}"),
                new Bad("a fraction of ten thousand digits", ALL.formatted("1", "\"a\"", "1." + LONG_NUMBER, "false")),
                new Bad("a name of sixty thousand characters", "{\"" + "x".repeat(60_000) + "\":1}"));
    }

    private static Stream<Bad> encodings() {
        String good = ALL.formatted("1", "\"a\"", "1", "false");
        return Stream.of(
                new Bad("UTF-16 with a byte order mark", good.getBytes(UTF_16)),
                new Bad("UTF-16 without one", good.getBytes(UTF_16LE)),
                new Bad("UTF-32", good.getBytes(Charset.forName("UTF-32"))),
                new Bad("UTF-8 with a byte order mark", "\uFEFF" + good),
                new Bad("Latin 1", ALL.formatted("1", "\"\u00e9t\u00e9\"", "1", "false").getBytes(ISO_8859_1)),
                invalidUtf8("an overlong form", "\u00c0\u00af"),
                invalidUtf8("half a surrogate pair in UTF-8", "\u00ed\u00a0\u0080"),
                invalidUtf8("a truncated sequence", "\u00e2\u0082"),
                invalidUtf8("beyond Unicode", "\u00f4\u0090\u0080\u0080"),
                new Bad("invalid UTF-8 in an unknown field", "{\"x\":\"\u00ff\"}".getBytes(ISO_8859_1)));
    }

    private static Bad invalidUtf8(String name, String bytes) {
        return new Bad(name, ALL.formatted("1", "\"" + bytes + "\"", "1", "false").getBytes(ISO_8859_1));
    }

    private static Stream<Bad> resources() {
        return Stream
                .of("null", "-1", "9223372036854775808", "1.5", "1.0", "1e3", "true", "[]", "[1]", "{}", "{\"a\":{}}", "\"\"",
                        "\"" + "a".repeat(129) + "\"", "\"a b\"", "\"a/b\"", "\"\u00e9\"", "\"a\\u0000\"", "\"\\ud800\"",
                        "\"a\\n\"",
                        "9".repeat(999))
                .map(id -> new Bad("resource_id " + shown(id), ALL.formatted(id, "\"a\"", "1", "false"), "resource_id"));
    }

    private static Stream<Bad> payloads() {
        return Stream.of("null", "1", "true", "[]", "[\"a\"]", "{}", "\"\"", "\" \"", "\" \\t\\n\"", "\"\\u2003\"",
                "\"" + "x".repeat(20_001) + "\"", "\"" + "x".repeat(25_000) + "\"",
                "\"" + "\uD83D\uDE00".repeat(20_001) + "\"", "\"a\\ud800\"", "\"\\udc00a\"", "\"\\ude00\\ud83d\"")
                .map(payload -> new Bad("payload " + shown(payload), ALL.formatted("1", payload, "1", "false"), "payload"));
    }

    private static Stream<Bad> indices() {
        return Stream.of("null", "0", "-1", "1.5", "1.0", "1e3", "1e999999999", "9223372036854775808", "4294967297", "100001",
                "\"1\"", "true", "[]", "{}", "9".repeat(999))
                .map(index -> new Bad("packet_index " + shown(index), ALL.formatted("1", "\"a\"", index, "false"),
                        "packet_index"));
    }

    private static Stream<Bad> flags() {
        return Stream.of("\"true\"", "\"\"", "0", "1", "null", "[]", "{}", "1.0")
                .map(flag -> new Bad("last_chunk_flag " + flag, ALL.formatted("1", "\"a\"", "1", flag), "last_chunk_flag"));
    }

    private static Stream<Bad> several() {
        return Stream.of(
                new Bad("nothing in it", "{}", "resource_id", "payload", "packet_index"),
                new Bad("other fields only", "{\"resourceId\":1,\"PAYLOAD\":\"a\"}", "resource_id", "payload", "packet_index"),
                new Bad("all of it wrong", ALL.formatted("-1", "\"\"", "0", "0"),
                        "resource_id", "payload", "packet_index", "last_chunk_flag"),
                new Bad("a field given twice", "{\"resource_id\":1,\"payload\":\"a\",\"packet_index\":1,\"packet_index\":1}",
                        "packet_index"),
                new Bad("a field given twice, once spelt otherwise",
                        "{\"resource_id\":1,\"payload\":\"a\",\"pay\\u006coad\":\"a\",\"packet_index\":1}", "payload"));
    }

    private static String shown(String value) {
        return value.length() <= 40 ? value.replace("\n", " ") : value.substring(0, 10) + "… (" + value.length() + ")";
    }
}
