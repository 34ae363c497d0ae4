package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import org.junit.jupiter.api.Test;

import io.ancillary.packets.Splitter.MalformedException;
import io.ancillary.testsupport.Dice;
import io.ancillary.testsupport.Fuzz;
import io.ancillary.testsupport.StrictJson;

/** However a long body is cut up on its way, its elements are the same, and what they are another reading of it says. */
class SplitterFuzzTest {
    private static final int CASES = 20_000;
    private static final int MOST = 2_000;

    @Test
    void findsTheElementsOfAnArray() {
        Fuzz.run("array", CASES, SplitterFuzzTest::array, body -> {
            Optional<List<String>> found = split(sink -> new Splitter.Elements(MOST, sink), body);
            Optional<Object> json = StrictJson.parse(body);
            json.filter(List.class::isInstance).ifPresent(list -> {
                assertThat(found).isPresent();
                assertThat(found.get().stream().filter(it -> !it.equals(TOO_LARGE))
                        .map(it -> StrictJson.parse(it.getBytes(UTF_8))))
                        .allMatch(Optional::isPresent);
                assertThat(found.get()).hasSameSizeAs((List<?>) list);
            });
            assertThat(json.isPresent() && !(json.get() instanceof List) && found.isPresent()).as("no array").isFalse();
            return json.filter(List.class::isInstance).isPresent();
        });
    }

    @Test
    void findsTheLines() {
        Fuzz.run("lines", CASES, SplitterFuzzTest::lines, body -> {
            List<String> found = split(sink -> new Splitter.Lines(MOST, sink), body).orElseThrow();
            List<String> expected = Arrays
                    .stream(new String(body, java.nio.charset.StandardCharsets.ISO_8859_1).split("\n", -1))
                    .filter(line -> !line.matches("[ \t\r]*") || line.length() > MOST)
                    .map(line -> line.length() > MOST ? TOO_LARGE : line).toList();
            assertThat(found.stream().map(it -> it.equals(TOO_LARGE) ? it : it)).containsExactlyElementsOf(expected);
            return found.size() > 1;
        });
    }

    private static final String TOO_LARGE = "too large";

    /** At one go and in pieces; empty when it cannot be. */
    private static Optional<List<String>> split(Function<Splitter.Sink, Splitter> maker, byte[] body) {
        Optional<List<String>> whole = split(maker, List.of(body));
        Dice dice = new Dice(Arrays.hashCode(body));
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < body.length;) {
            int next = Math.min(body.length, at + 1 + dice.below(dice.one(2) ? 3 : 700));
            pieces.add(Arrays.copyOfRange(body, at, next));
            at = next;
        }
        assertThat(split(maker, pieces)).as("in %d pieces", pieces.size()).isEqualTo(whole);
        return whole;
    }

    private static Optional<List<String>> split(Function<Splitter.Sink, Splitter> maker, List<byte[]> pieces) {
        List<String> found = new ArrayList<>();
        Splitter splitter = maker.apply(new Splitter.Sink() {
            @Override
            public void take(long number, byte[] element) {
                found.add(new String(element, java.nio.charset.StandardCharsets.ISO_8859_1));
            }

            @Override
            public void tooLarge(long number) {
                found.add(TOO_LARGE);
            }
        });
        try {
            pieces.forEach(splitter::feed);
            splitter.end();
            return Optional.of(found);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).isNotBlank();
            return Optional.empty();
        }
    }

    private static byte[] array(Dice dice) {
        StringBuilder body = new StringBuilder(dice.blank() + "[" + dice.blank());
        for (int i = dice.below(5); i > 0; i--) {
            body.append(dice.json(3)).append(i > 1 ? "," + dice.blank() : "");
        }
        byte[] bytes = (body + dice.blank() + "]" + dice.blank()).getBytes(UTF_8);
        return dice.one(3) ? dice.damaged(bytes) : bytes;
    }

    private static byte[] lines(Dice dice) {
        StringBuilder body = new StringBuilder();
        for (int i = dice.below(6); i > 0; i--) {
            body.append(dice.one(5) ? dice.blank() : dice.json(2)).append(dice.pick("\n", "\r\n", "\n\n", ""));
        }
        byte[] bytes = body.toString().getBytes(UTF_8);
        return dice.one(3) ? dice.damaged(bytes) : bytes;
    }
}
