package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;

import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ResourceId;
import io.ancillary.testsupport.Dice;
import io.ancillary.testsupport.Fuzz;
import io.ancillary.testsupport.StrictJson;
import io.ancillary.testsupport.StrictJson.Digits;
import io.ancillary.testsupport.StrictJson.Members;
import io.ancillary.testsupport.StrictJson.Null;
import io.smallrye.mutiny.Uni;

/** Whatever the bytes, the reader takes the very packets that the contract says, as another reading of it finds them. */
class PacketFuzzTest {
    private static final int CASES = 25_000;
    private static final PacketLimits LIMITS = new PacketLimits(20_000, 100_000, 1);
    private static final CallbackPolicy CALLBACKS = new CallbackPolicy(List.of(), List.of(), List.of(), List.of(),
            name -> Uni.createFrom().failure(new AssertionError("resolves " + name)));
    private static final List<String> FIELDS = List.of("resource_id", "payload", "packet_index", "last_chunk_flag",
            "callback_url");

    private final PacketReader reader = new PacketReader(LIMITS, CALLBACKS);

    @Test
    void takesWhatTheContractSays_andNothingElse() {
        Fuzz.run("packet", CASES, PacketFuzzTest::body, this::check);
    }

    private boolean check(byte[] body) {
        Optional<Packet> expected = StrictJson.parse(body).flatMap(PacketFuzzTest::packet);
        try {
            assertThat(Optional.of(reader.read(body))).isEqualTo(expected);
            return true;
        } catch (ProblemException e) {
            assertThat(expected).as(e.getMessage()).isEmpty();
            assertThat(e.getMessage()).isNotBlank().doesNotContainPattern("Exception|\\bat [a-z]+\\.|\\[Source");
            return false;
        }
    }

    private static byte[] body(Dice dice) {
        List<String> members = new ArrayList<>();
        for (String field : FIELDS) {
            for (int times = dice.one(20) ? dice.below(3) : 1; times > 0; times--) {
                members.add(dice.quoted(field) + dice.blank() + ":" + dice.blank() + (dice.one(6) ? dice.json(2)
                        : value(dice, field)));
            }
        }
        if (dice.one(4)) {
            members.add(dice.quoted(dice.string()) + ":" + dice.json(3));
        }
        Collections.shuffle(members, new Random(dice.below(1000)));
        byte[] body = (dice.blank() + "{" + String.join("," + dice.blank(), members) + dice.blank() + "}" + dice.blank())
                .getBytes(UTF_8);
        return dice.one(3) ? dice.damaged(body) : body;
    }

    private static String value(Dice dice, String field) {
        return switch (field) {
            case "resource_id" -> dice.one(2) ? dice.number() : dice.quoted(dice.string());
            case "payload" -> dice.quoted(dice.string());
            case "packet_index" -> dice.one(2) ? dice.number() : String.valueOf(1 + dice.below(100_000));
            case "last_chunk_flag" -> dice.pick("true", "false");
            default -> dice.quoted(dice.pick("http://example.com/hook", "https://example.com", "http://10.0.0.1/", "x"));
        };
    }

    /** DESIGN's rules for a packet, once more. */
    private static Optional<Packet> packet(Object json) {
        if (!(json instanceof Members members)) {
            return Optional.empty();
        }
        for (String field : FIELDS) {
            if (members.list().stream().filter(it -> it.getKey().equals(field)).count() > 1) {
                return Optional.empty();
            }
        }
        Optional<ResourceId> resource = member(members, "resource_id").flatMap(PacketFuzzTest::resource);
        Optional<String> payload = member(members, "payload").filter(PacketFuzzTest::isPayload).map(String.class::cast);
        Optional<Integer> index = member(members, "packet_index").flatMap(PacketFuzzTest::index);
        Optional<Object> last = member(members, "last_chunk_flag");
        Optional<Object> callback = member(members, "callback_url").filter(it -> it != Null.NULL);
        boolean right = resource.isPresent() && payload.isPresent() && index.isPresent()
                && last.map(it -> it instanceof Boolean).orElse(true)
                && callback.map(it -> it instanceof String url && CALLBACKS.accepts(url)).orElse(true);
        return right ? Optional.of(new Packet(resource.get(), index.get(), last.map(Boolean.class::cast).orElse(false),
                payload.get(), callback.map(String.class::cast))) : Optional.empty();
    }

    private static Optional<Object> member(Members members, String field) {
        return members.list().stream().filter(it -> it.getKey().equals(field)).map(Map.Entry::getValue).findFirst();
    }

    private static Optional<ResourceId> resource(Object value) {
        if (value instanceof Digits digits && digits.isInteger()) {
            BigInteger id = new BigInteger(digits.text());
            return id.signum() >= 0 && id.bitLength() < 64 ? Optional.of(new ResourceId(id.toString())) : Optional.empty();
        }
        return Optional.of(value).filter(it -> it instanceof String text && text.matches("[A-Za-z0-9._~:-]{1,128}"))
                .map(it -> new ResourceId((String) it));
    }

    private static boolean isPayload(Object value) {
        return value instanceof String text && !text.isBlank() && text.codePoints().count() <= LIMITS.maxPayload()
                && text.codePoints().noneMatch(it -> it >= 0xd800 && it <= 0xdfff);
    }

    private static Optional<Integer> index(Object value) {
        return Optional.of(value).filter(it -> it instanceof Digits digits && digits.isInteger()
                && new BigInteger(digits.text()).bitLength() < 32).map(it -> Integer.valueOf(((Digits) it).text()))
                .filter(it -> it >= LIMITS.firstIndex() && it <= LIMITS.maxPackets());
    }
}
