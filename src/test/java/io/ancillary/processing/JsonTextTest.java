package io.ancillary.processing;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    @ParameterizedTest
    @ValueSource(strings = { "{}", "{\"a\":{\"b\":[1,null]}}", "[]", "[[1],[2,[3]]]", "\"\"", "\"text\"", "0", "-1.5e+300",
            "123456789012345678901234567890.123", "true", "false", "null", "\"\u00e9 \\u00e9 \uD83D\uDE00\"", "{\"a\" : 1}" })
    void isTakenAsItCame(String json) {
        assertThat(JsonText.read(json.getBytes(UTF_8))).contains(json);
    }

    @Test
    void losesTheBlanksAroundIt() {
        assertThat(JsonText.read(" \t\r\n[1, 2]\n ".getBytes(UTF_8))).contains("[1, 2]");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "1 2", "[1][2]", "{} {}", "[1],", "[1", "{\"a\"", "\"text", "\"a\\q\"", "\"a\u0001b\"",
            "'text'", "{a:1}", "[1,]", "01", "1.", "-", "1x", "+1", "NaN", "Infinity", "nul", "nullx", "text", "// 1",
            "1 // one",
            "<html/>" })
    void isRefused_whenItIsNotOneValue(String text) {
        assertThat(JsonText.read(text.getBytes(UTF_8))).isEmpty();
    }

    /** They are blanks elsewhere, but not in JSON. */
    @ParameterizedTest
    @ValueSource(strings = { "\u2003[1]", "[1]\u2028", "[1]\u000b", "\u001f[1]", "\u00a0[1]", "\ufeff[1]" })
    void isRefused_whenOtherBlanksAreAroundIt(String text) {
        assertThat(JsonText.read(text.getBytes(UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "22ff22", "22c322", "22c0af22", "22eda08022", "22f490808022" })
    void isRefused_whenItIsNotUtf8(String bytes) {
        assertThat(JsonText.read(HexFormat.of().parseHex(bytes))).isEmpty();
    }

    @Test
    void isRefused_whenItIsUtf16() {
        assertThat(JsonText.read("[1]".getBytes(UTF_16))).isEmpty();
        assertThat(JsonText.read("[1]".getBytes(UTF_16LE))).isEmpty();
    }

    @Test
    void isRefused_whenItIsNestedTooDeeply() {
        assertThat(JsonText.read(nested(100_000))).isEmpty();
    }

    @Test
    void isTaken_whenItIsNestedAsFarAsJsonIsAnywhere() {
        assertThat(JsonText.read(nested(500))).isPresent();
    }

    private static byte[] nested(int depth) {
        return ("[".repeat(depth) + "]".repeat(depth)).getBytes(UTF_8);
    }
}
