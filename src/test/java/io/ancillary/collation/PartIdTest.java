package io.ancillary.collation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartIdTest {

    @ParameterizedTest
    @CsvSource({ "0, packets, 101, abc-1, 0", "1023, sessions, 7-abc, 0, 1000000", "3, packets, a:b:1:2, g-1, 12",
            "0, packets, ':', g, 1", "0, packets, ::1:, g, 1", "0, packets, A.b_c~d-9, g, 9999999" })
    void isReadAsItWasWritten(int partition, String flow, String resource, String generation, int index) {
        PartId id = new PartId(partition, new PartName(new CollationId(flow, resource), generation, index));

        assertThat(PartId.parse(id.text())).contains(id);
    }

    @Test
    void isWritten_asPartitionFlowResourceGenerationAndIndex() {
        PartId id = new PartId(3, new PartName(new CollationId("packets", "a:b"), "g-1", 12));

        assertThat(id.text()).isEqualTo("3-packets:a:b:g-1:12");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "0", "0-packets", "0-packets:1:g", "0-packets::g:1", "0-packets:1::1", "0-packets:1:g:",
            "00-packets:1:g:1", "01-packets:1:g:1", "-1-packets:1:g:1", "10000-packets:1:g:1", "0-Packets:1:g:1",
            "0-packets:1:G:1", "0-packets:1:g:01", "0-packets:1:g:-1", "0-packets:1:g:12345678", "0-packets:a b:g:1",
            "0-packets:a/b:g:1", "0-packets:1:g:1\n", " 0-packets:1:g:1", "0-packets:\u00e9:g:1", "0-packets:1:g:\u0661" })
    void isNone_whenItIsWrittenOtherwise(String text) {
        assertThat(PartId.parse(text)).isEmpty();
    }

    @Test
    void isNone_whenTheResourceIsTooLong() {
        assertThat(PartId.parse("0-packets:" + "r".repeat(128) + ":g:1")).isPresent();
        assertThat(PartId.parse("0-packets:" + "r".repeat(129) + ":g:1")).isEmpty();
    }
}
