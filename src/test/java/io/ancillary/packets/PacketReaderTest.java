package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.http.ProblemException;
import io.ancillary.packets.BadPackets.Bad;

class PacketReaderTest {

    private static final int MAX_PAYLOAD = 20_000;

    private final PacketReader reader = reader(1);

    @Test
    void readsAPacket() {
        Packet packet = read("{\"resource_id\":101,\"payload\":\"Bat Ball\",\"packet_index\":7,\"last_chunk_flag\":true}");

        assertThat(packet).isEqualTo(new Packet(new ResourceId("101"), 7, true, "Bat Ball"));
    }

    @Test
    void readsAPacket_inAnyOrderAndWithWhatItDoesNotKnow() {
        Packet packet = read(
                " {\"x\":{\"payload\":[1]}, \"packet_index\":1,\r\n\t\"payload\":\"a\",\"resource_id\":\"r\",\"x\":null} ");

        assertThat(packet).isEqualTo(new Packet(new ResourceId("r"), 1, false, "a"));
    }

    @ParameterizedTest
    @CsvSource({ "true, true", "false, false" })
    void readsTheFlag(String flag, boolean last) {
        assertThat(read("{\"resource_id\":1,\"payload\":\"a\",\"packet_index\":1,\"last_chunk_flag\":" + flag + "}").last())
                .isEqualTo(last);
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 100_000 })
    void readsAnIndex_withinBounds(int index) {
        assertThat(read("{\"resource_id\":1,\"payload\":\"a\",\"packet_index\":" + index + "}").index()).isEqualTo(index);
    }

    @Test
    void readsIndexZero_whenThatIsTheFirst() {
        Packet packet = reader(0).read("{\"resource_id\":1,\"payload\":\"a\",\"packet_index\":0}".getBytes(UTF_8));

        assertThat(packet.index()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = { "x", "\u00e9", "\u4e2d", "\uD83D\uDE00" })
    void readsAPayload_upToItsLengthInCodePoints(String character) {
        String payload = character.repeat(MAX_PAYLOAD);

        assertThat(read("{\"resource_id\":1,\"payload\":\"" + payload + "\",\"packet_index\":1}").payload()).isEqualTo(payload);
    }

    @ParameterizedTest
    @MethodSource("io.ancillary.packets.BadPackets#all")
    void throwsAProblem_whenABodyIsNoPacket(Bad bad) {
        assertThatThrownBy(() -> reader.read(bad.body())).isInstanceOf(ProblemException.class).hasNoCause();
    }

    @Test
    void saysAllThatIsWrong_inOneSentenceEach() {
        assertThatThrownBy(
                () -> read("{\"payload\":\"" + "x".repeat(MAX_PAYLOAD + 1) + "\",\"packet_index\":0,\"last_chunk_flag\":1}"))
                .hasMessage("payload has 20001 characters, at most 20000 are allowed \n"
                        + "packet_index must be an integer from 1 to 100000 \n"
                        + "last_chunk_flag must be true or false \n"
                        + "resource_id is missing");
    }

    @Test
    void givesTheSameDigestOnly_toTheSameContent() {
        String digest = digest("a", false);

        assertThat(digest).isEqualTo(digest("a", false)).hasSize(12);
        assertThat(digest).isNotEqualTo(digest("a", true)).isNotEqualTo(digest("b", false)).isNotEqualTo(digest("a ", false));
    }

    private static String digest(String payload, boolean last) {
        return new Packet(new ResourceId("1"), 1, last, payload).toArrival().digest();
    }

    private Packet read(String json) {
        return reader.read(json.getBytes(UTF_8));
    }

    private static PacketReader reader(int firstIndex) {
        return new PacketReader(new PacketsConfig() {
            @Override
            public int maxPayload() {
                return MAX_PAYLOAD;
            }

            @Override
            public int maxPackets() {
                return 100_000;
            }

            @Override
            public int firstIndex() {
                return firstIndex;
            }
        });
    }
}
