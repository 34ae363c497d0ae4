package io.ancillary.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle one of some values; of an even number, the mean of the two. */
final class Median {

    private Median() {
    }

    static <T> double of(List<T> all, ToDoubleFunction<T> value) {
        double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
