package io.ancillary.processing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordLengthsTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = false, value = {
            "`Bat Ball`;`[3,4]`", "`I like to play table tennis!`;`[1,4,2,4,5,7]`", "`a`;`[1]`", "``;`[0]`", "` `;`[0,0]`",
            "`  `;`[0,0,0]`", "` a`;`[0,1]`", "`a `;`[1,0]`", "`a  b`;`[1,0,1]`" }, delimiter = ';')
    void countsWhatStandsBetweenSingleSpaces(String text, String lengths) {
        assertThat(WordLengths.of(text)).isEqualTo(lengths);
    }

    @ParameterizedTest
    @CsvSource({ "'a\tb'", "'a\nb'", "'a\r b'", "'a\u00a0b'", "'a\u2003b'", "'a\u3000b'" })
    void countsAnyOtherWhitespaceAsPartOfAWord(String text) {
        assertThat(WordLengths.of(text)).isEqualTo(text.contains(" ") ? "[2,1]" : "[3]");
    }

    @Test
    void countsCodePoints_notUnitsOrGraphemes() {
        String flagOfTwo = "\uD83C\uDDE9\uD83C\uDDEA";

        assertThat(WordLengths.of(" a  b\tc\nd \u00e9 \uD83D\uDE00 e\u0301 " + flagOfTwo)).isEqualTo("[0,1,0,5,1,1,2,2]");
    }

    @Test
    void countsHalfASurrogatePairAsOne() {
        assertThat(WordLengths.of("\uD83D a\uDE00")).isEqualTo("[1,2]");
    }
}
