package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RFC 8259 to the letter, written for nothing but to contradict the parser that the service uses; with its limits, which
 * the README names. Objects are lists of entries, so that a name that comes twice is seen; numbers are their text.
 */
public final class StrictJson {
    private static final int DEEPEST = 1000;
    private static final int LONGEST_NAME = 50_000;
    private static final int LONGEST_NUMBER = 1000;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final String text;
    private int at;

    private StrictJson(String text) {
        this.text = text;
    }

    /** {@code null}, which Java's own cannot be told apart from nothing. */
    public enum Null {
        NULL
    }

    /** An object's members, in their order. */
    public record Members(List<Map.Entry<String, Object>> list) {
    }

    /** A number as it is written. */
    public record Digits(String text) {

        public boolean isInteger() {
            return text.matches("-?[0-9]+");
        }

        public BigDecimal value() {
            return new BigDecimal(text);
        }
    }

    /** The one value that the bytes are; empty when they are not. */
    public static Optional<Object> parse(byte[] bytes) {
        try {
            StrictJson json = new StrictJson(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
            Object value = json.value(0);
            json.blank();
            return json.at == json.text.length() ? Optional.of(value) : Optional.empty();
        } catch (CharacterCodingException | SyntaxException e) {
            return Optional.empty();
        }
    }

    private Object value(int depth) {
        blank();
        return switch (next()) {
            case '{' -> {
                at++;
                yield object(inside(depth));
            }
            case '[' -> {
                at++;
                yield array(inside(depth));
            }
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", Null.NULL);
            default -> number();
        };
    }

    private static int inside(int depth) {
        require(depth < DEEPEST);
        return depth + 1;
    }

    private Members object(int depth) {
        List<Map.Entry<String, Object>> members = new ArrayList<>();
        blank();
        while (next() != '}') {
            if (!members.isEmpty()) {
                take(',');
                blank();
            }
            String name = string();
            require(name.length() <= LONGEST_NAME);
            blank();
            take(':');
            members.add(Map.entry(name, value(depth)));
            blank();
        }
        at++;
        return new Members(members);
    }

    private List<Object> array(int depth) {
        List<Object> elements = new ArrayList<>();
        blank();
        while (next() != ']') {
            if (!elements.isEmpty()) {
                take(',');
            }
            elements.add(value(depth));
            blank();
        }
        at++;
        return elements;
    }

    private String string() {
        take('"');
        StringBuilder string = new StringBuilder();
        while (next() != '"') {
            char each = text.charAt(at++);
            require(each >= ' ');
            string.append(each == '\\' ? escape() : each);
        }
        at++;
        return string.toString();
    }

    private char escape() {
        char each = next();
        at++;
        int plain = "\"\\/bfnrt".indexOf(each);
        if (plain >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        require(each == 'u' && at + 4 <= text.length() && text.substring(at, at + 4).matches("[0-9a-fA-F]{4}"));
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    private Object word(String word, Object value) {
        require(text.startsWith(word, at));
        at += word.length();
        return value;
    }

    private Digits number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        require(number.lookingAt());
        require(number.group().length() <= LONGEST_NUMBER);
        at = number.end();
        return new Digits(number.group());
    }

    private void blank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char next() {
        require(at < text.length());
        return text.charAt(at);
    }

    private void take(char wanted) {
        require(next() == wanted);
        at++;
    }

    private static void require(boolean right) {
        if (!right) {
            throw new SyntaxException();
        }
    }

    private static final class SyntaxException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SyntaxException() {
            super("not JSON", null, false, false);
        }
    }
}
