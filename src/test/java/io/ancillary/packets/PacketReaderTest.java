package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ResourceId;
import io.ancillary.packets.BadPackets.Bad;
import io.smallrye.mutiny.Uni;

class PacketReaderTest {

    private static final int MAX_PAYLOAD = 20_000;
    /** Judges by the text alone: reading a packet asks nobody for the addresses of a name. */
    private static final CallbackPolicy NO_EXCEPTIONS = new CallbackPolicy(List.of(), List.of(), List.of(), List.of(),
            name -> Uni.createFrom().failure(new AssertionError("resolves " + name)));

    private final PacketReader reader = reader(1);

    @Test
    void readsAPacket() {
        Packet packet = read("{\"resource_id\":101,\"payload\":\"Bat Ball\",\"packet_index\":7,\"last_chunk_flag\":true}");

        assertThat(packet).isEqualTo(new Packet(new ResourceId("101"), 7, true, "Bat Ball", Optional.empty()));
    }

    @Test
    void readsAPacket_inAnyOrderAndWithWhatItDoesNotKnow() {
        Packet packet = read(
                " {\"x\":{\"payload\":[1]}, \"packet_index\":1,\r\n\t\"payload\":\"a\",\"resource_id\":\"r\",\"x\":null} ");

        assertThat(packet).isEqualTo(new Packet(new ResourceId("r"), 1, false, "a", Optional.empty()));
    }

    @Test
    void readsMinusZeroAsZero_whenItIsTheId() {
        Packet packet = read("{\"resource_id\":-0,\"payload\":\"a\",\"packet_index\":1}");

        assertThat(packet.resource()).isEqualTo(new ResourceId("0"));
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

    @ParameterizedTest
    @ValueSource(strings = { "https://example.com/hook", "http://example.com:8443/hook?a=1&b=2", "HTTPS://EXAMPLE.COM" })
    void readsACallback(String url) {
        assertThat(readWithCallback('"' + url + '"').callbackUrl()).contains(url);
    }

    @Test
    void hasNoCallback_whenItIsNull() {
        assertThat(readWithCallback("null").callbackUrl()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "1", "true", "[]", "[\"https://example.com/\"]", "{}", "\"\"", "\"example.com\"", "\"/hook\"",
            "\"ftp://example.com/\"", "\"https://\"", "\"https://user:secret@example.com/\"",
            "\"https://example.com/#fragment\"", "\"https://example.com/a b\"", "\" https://example.com/\"",
            "\"https://example.com:65536/\"", "\"https://127.0.0.1/\"", "\"https://[::1]/\"", "\"https://localhost/\"" })
    void throwsAProblem_whenTheCallbackIsNoValidUrl(String callback) {
        assertThatThrownBy(() -> readWithCallback(callback)).isInstanceOf(ProblemException.class)
                .hasMessage("callback_url is not a valid URL");
    }

    @Test
    void saysThatTheCallbackIsWrong_besideAllElse() {
        assertThatThrownBy(() -> read("{\"resource_id\":1,\"payload\":\"a\",\"callback_url\":7}"))
                .hasMessage("callback_url is not a valid URL \npacket_index is missing");
    }

    @Test
    void passesTheCallbackOn() {
        assertThat(packet("a", false, Optional.of("https://example.com/")).toArrival().callback())
                .contains("https://example.com/");
    }

    @Test
    void givesTheSameDigestOnly_toTheSameContent() {
        Optional<String> here = Optional.of("https://example.com/here");
        String digest = digest("a", false, Optional.empty());

        assertThat(digest).isEqualTo(digest("a", false, Optional.empty())).hasSize(12);
        assertThat(List.of(digest, digest("a", true, Optional.empty()), digest("b", false, Optional.empty()),
                digest("a ", false, Optional.empty()), digest("a", false, here), digest("a", true, here),
                digest("a", false, Optional.of("https://example.com/there")))).doesNotHaveDuplicates();
        assertThat(digest("a", false, here)).isEqualTo(digest("a", false, here));
    }

    private static String digest(String payload, boolean last, Optional<String> callback) {
        return packet(payload, last, callback).toArrival().digest();
    }

    private static Packet packet(String payload, boolean last, Optional<String> callback) {
        return new Packet(new ResourceId("1"), 1, last, payload, callback);
    }

    private Packet readWithCallback(String callback) {
        return read("{\"resource_id\":1,\"payload\":\"a\",\"packet_index\":1,\"callback_url\":" + callback + "}");
    }

    private Packet read(String json) {
        return reader.read(json.getBytes(UTF_8));
    }

    private static PacketReader reader(int firstIndex) {
        return new PacketReader(new PacketLimits(MAX_PAYLOAD, 100_000, firstIndex), NO_EXCEPTIONS);
    }
}
