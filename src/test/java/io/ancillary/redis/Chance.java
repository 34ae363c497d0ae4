package io.ancillary.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.Attempt;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;

/** What one seed makes happen: so few resources, indices and contents that they meet all the time. */
final class Chance {
    /** Some of whose parts are put off, and which ends in spite of those that fail. */
    static final Flow PACKETS = new Flow("packets", new Shape(false, 1, false, false, true),
            new Limits(10, 3, 1000, 3, 1000, 1000),
            new Times(minutes(60), minutes(15), minutes(20)));
    /** Held open for parts that fail, as those do of which the outputs would be too much. */
    static final Flow HELD = new Flow("held", new Shape(false, 1, false, true, true), new Limits(9, 9, 1000, 3, 4, 7),
            new Times(minutes(90), minutes(20), minutes(10)));
    /** Whose gaps never time out before its deadline. */
    static final Flow ZEROS = new Flow("zeros", new Shape(false, 0, true, false, false), new Limits(3, 3, 1000, 1, 1000, 1000),
            new Times(minutes(30), minutes(40), minutes(5)));
    static final Flow SINGLES = new Flow("singles", new Shape(true, 1, true, true, true), new Limits(4, 2, 1000, 3, 1000, 1000),
            new Times(minutes(20), minutes(20), minutes(15)));
    static final List<Flow> FLOWS = List.of(PACKETS, HELD, ZEROS, SINGLES);
    static final List<String> NAMES = FLOWS.stream().map(Flow::name).toList();

    private final SplittableRandom random;
    private int singles;

    Chance(long seed) {
        this.random = new SplittableRandom(seed);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T any(List<T> list) {
        return list.get(below(list.size()));
    }

    @SafeVarargs
    final <T> T pick(T... choices) {
        return choices[below(choices.length)];
    }

    static Flow flow(String name) {
        return FLOWS.stream().filter(flow -> flow.name().equals(name)).findAny().orElseThrow();
    }

    private static Duration minutes(long minutes) {
        return Duration.ofMinutes(minutes);
    }

    Flow flow() {
        return switch (below(10)) {
            case 0 -> ZEROS;
            case 1, 2 -> SINGLES;
            case 3, 4, 5 -> HELD;
            default -> PACKETS;
        };
    }

    /** What travels together. Of requests with ids of our own making some are the one before once more. */
    List<Arrival> arrivals(Flow flow, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> flow.equals(SINGLES) ? single(i > 0 && below(4) == 0) : arrival(flow)).toList();
    }

    private Arrival arrival(Flow flow) {
        int index = flow.shape().firstIndex() + (below(30) == 0 ? pick(63, 64, 65, 192, 193) : below(3));
        String resource = flow.equals(ZEROS) ? pick("a", "z") : pick("a", "a", "b", "c", "d");
        Optional<String> callback = below(flow.equals(ZEROS) ? 2 : 4) == 0 ? Optional.of(callback()) : Optional.empty();
        return arrival(resource, index, below(5) < 2, callback, Optional.empty());
    }

    private Arrival single(boolean again) {
        singles += again ? 0 : 1;
        Optional<String> callback = below(8) == 0 ? Optional.empty() : Optional.of(callback());
        Optional<String> key = below(2) == 0 ? Optional.empty() : Optional.of(pick("k", "k", "l"));
        return arrival("0-s" + singles, 1, true, callback, key);
    }

    private Arrival arrival(String resource, int index, boolean last, Optional<String> callback, Optional<String> key) {
        int content = below(12) == 0 ? 1 : 0;
        String digest = "content " + content + (last ? " last " : " more ") + callback.orElse("nowhere");
        return new Arrival(resource, index, last, digest, "body " + content, callback, key);
    }

    private String callback() {
        return below(9) == 0 ? "to-you!" : "to-me!!";
    }

    /** The ids that can have been used. */
    List<String> resources(Flow flow) {
        if (flow.equals(SINGLES)) {
            return IntStream.rangeClosed(1, singles).mapToObj(i -> "0-s" + i).toList();
        }
        return flow.equals(ZEROS) ? List.of("a", "z") : List.of("a", "b", "c", "d");
    }

    PartResult result(Flow flow) {
        if (flow.shape().deferring() && below(3) == 0) {
            return new PartResult.Deferred(1 + below(3));
        }
        return below(6) == 0 ? new PartResult.Failure("no " + below(2)) : output();
    }

    /** One in four leaves no room for another in a collation that is held. */
    PartResult.Output output() {
        return new PartResult.Output(pick("[0]", "[1]", "[2]", "[3,33]"));
    }

    private Attempt attempt(String error) {
        return new Attempt(Instant.ofEpochMilli(below(1000)), new Attempt.Phases(0, below(9), Attempt.Phases.NOT_REACHED, 2),
                pick("", "127.0.0.1:80"), pick(0, 200, 500), error, pick("", "what\tit said"));
    }

    Settlement settlement() {
        Duration wait = Duration.ofMinutes(pick(0, 5, 30));
        return switch (below(5)) {
            case 0, 1 -> new Settlement.Delivered(attempt(""));
            case 2 -> new Settlement.Failed(attempt("error " + below(2)), wait);
            case 3 -> new Settlement.Dead(attempt("error " + below(2)));
            default -> new Settlement.Postponed(wait, minutes(pick(2, 500, 100_000)));
        };
    }
}
