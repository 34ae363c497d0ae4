package io.ancillary.redis;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.Flow;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;

/** What one seed makes happen: so few resources, indices and contents that they meet all the time. */
final class Chance {
    static final Flow PACKETS = new Flow("packets", 1, 9, 3);
    static final Flow ZEROS = new Flow("zeros", 0, 3, 1);

    private final SplittableRandom random;

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

    Arrival arrival(Flow flow) {
        int index = flow.firstIndex() + (below(30) == 0 ? pick(63, 64, 65, 192, 193) : below(3));
        boolean last = below(5) < 2;
        int content = below(12) == 0 ? 1 : 0;
        String resource = flow.equals(ZEROS) ? pick("a", "z") : pick("a", "a", "b", "c", "d");
        return new Arrival(resource, index, last, "content " + content + (last ? " last" : ""), "body " + content);
    }

    PartResult result() {
        return below(7) == 0 ? new PartResult.Failure("no " + below(2)) : new PartResult.Output("[" + below(3) + "]");
    }

    Settlement settlement() {
        Duration wait = Duration.ofMinutes(pick(0, 5, 30));
        return switch (below(5)) {
            case 0, 1 -> new Settlement.Delivered(1 + below(2));
            case 2, 3 -> new Settlement.Failed(1 + below(2), "error " + below(2), wait);
            default -> new Settlement.Postponed(wait);
        };
    }
}
