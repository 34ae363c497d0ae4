package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** What one seed makes up: bytes and JSON, right, almost right and quite wrong. */
public final class Dice {
    /** What parsers stumble over. */
    private static final List<byte[]> MORSELS = List.of(bytes(0), bytes(0xff), bytes(0xc0, 0x80), bytes(0xed, 0xa0, 0x80),
            bytes(0xf5, 0x80, 0x80, 0x80), bytes(0xef, 0xbb, 0xbf), bytes(0xfe, 0xff), bytes(0xe2, 0x80, 0xa8),
            bytes(0xc2, 0xa0),
            text("\\u0000"), text("\\ud800"), text("\\udc00\\ud800"), text("\\x"), text("\""), text("\\"), text("{"), text("}"),
            text("["), text("]"), text(","), text(":"), text("null"), text("true"), text("NaN"), text("-0"),
            text("1e999999999"),
            text("0.1"), text("9223372036854775808"), text("//"), text("/**/"), text("'"), text("\r\n"), text("\n\n"),
            text("%00"),
            text("%2e%2e/"), text("${jndi:ldap://x}"), text("<script>"), text("' OR 1=1"), text("*"), text("\t"),
            text("\u202e"));

    private static final List<String> STRINGS = List.of("", " ", "a", "Bat Ball", " a  b\tc\nd \u00e9 \ud83d\ude00 ", "\u00a0",
            "\u2003",
            "101", "-1", "..", ".", "a:b~c_d-e.F", "true", "null", "\u0000", "\ud83d\ude00", "\uffff", "\u202etxt", "a/b",
            "a b",
            "http://example.com/", "http://127.0.0.1/", "https://u:p@example.com/", "123e4567-e89b-12d3-a456-426614174000",
            "123E4567-E89B-12D3-A456-426614174000", "driver-token.of_demo~0001", "driver token of demo 0001", "*");
    private static final List<String> NUMBERS = List.of("0", "-0", "1", "2", "7", "100000", "100001", "-1", "1.0", "1e0", "1E2",
            "0.5",
            "2147483647", "2147483648", "4294967297", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "1e400", "123456789012345678901234567890");

    private final SplittableRandom random;

    public Dice(long seed) {
        random = new SplittableRandom(seed);
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** One time in so many. */
    public boolean one(int in) {
        return below(in) == 0;
    }

    public <T> T any(List<T> list) {
        return list.get(below(list.size()));
    }

    @SafeVarargs
    public final <T> T pick(T... choices) {
        return choices[below(choices.length)];
    }

    /** Letters of an alphabet. */
    public String word(String alphabet, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append(alphabet.charAt(below(alphabet.length())));
        }
        return word.toString();
    }

    public String string() {
        return one(50) ? any(STRINGS).repeat(1 + below(3000)) : one(3) ? any(STRINGS) + any(STRINGS) : any(STRINGS);
    }

    public String number() {
        return any(NUMBERS);
    }

    /** Any JSON value, as text. */
    public String json(int depth) {
        return switch (below(depth > 0 ? 8 : 6)) {
            case 0 -> "null";
            case 1 -> pick("true", "false");
            case 2, 3 -> number();
            case 4, 5 -> quoted(string());
            case 6 -> "[" + several(() -> json(depth - 1)) + "]";
            default -> "{" + several(() -> quoted(string()) + blank() + ":" + json(depth - 1)) + "}";
        };
    }

    private String several(Supplier<String> each) {
        StringBuilder all = new StringBuilder(blank());
        for (int i = below(4); i > 0; i--) {
            all.append(each.get()).append(i > 1 ? "," : "").append(blank());
        }
        return all.toString();
    }

    public String blank() {
        return one(4) ? pick(" ", "\n", "\t", "\r\n", "  ") : "";
    }

    /** A string as JSON writes it, in one of the ways in which it may. */
    public String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        boolean all = one(10);
        for (char each : text.toCharArray()) {
            if (each < ' ' || each == '"' || each == '\\' || Character.isSurrogate(each) && one(2) || all) {
                quoted.append(String.format("\\u%04x", (int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }

    /** The same, a little damaged. */
    public byte[] damaged(byte[] bytes) {
        byte[] damaged = bytes;
        for (int i = 1 + below(3); i > 0; i--) {
            damaged = damagedOnce(damaged);
        }
        return damaged;
    }

    private byte[] damagedOnce(byte[] bytes) {
        int from = below(bytes.length + 1);
        int to = Math.min(bytes.length, from + below(1 + (one(4) ? bytes.length : 4)));
        return switch (below(6)) {
            case 0 -> Arrays.copyOf(bytes, from);
            case 1 -> join(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
            case 2 -> join(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, from, bytes.length));
            case 3 -> flipped(bytes);
            default -> join(Arrays.copyOf(bytes, from), any(MORSELS), Arrays.copyOfRange(bytes, from, bytes.length));
        };
    }

    private byte[] flipped(byte[] bytes) {
        byte[] flipped = bytes.clone();
        if (flipped.length > 0) {
            flipped[below(flipped.length)] ^= (byte) (1 << below(8));
        }
        return flipped;
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
