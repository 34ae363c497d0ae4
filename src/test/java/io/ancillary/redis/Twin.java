package io.ancillary.redis;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The same thing in the reference model and on Redis, where ids and instants differ. */
record Twin<T>(T model, T redis) {

    /** One of the two. */
    enum Side {
        MODEL,
        REDIS
    }

    T on(Side side) {
        return side == Side.MODEL ? model : redis;
    }

    static <T> Twin<T> of(Function<Side, T> each) {
        return new Twin<>(each.apply(Side.MODEL), each.apply(Side.REDIS));
    }

    /** Both, where both are there. */
    static <T> Optional<Twin<T>> present(Twin<Optional<T>> twin) {
        return twin.model.isEmpty() ? Optional.empty() : Optional.of(twin.map(Optional::get));
    }

    /** Element by element, where both lists are of one length. */
    static <T> List<Twin<T>> each(Twin<List<T>> lists) {
        return IntStream.range(0, lists.model.size()).mapToObj(i -> lists.map(list -> list.get(i))).toList();
    }

    <R> Twin<R> map(Function<T, R> each) {
        return new Twin<>(each.apply(model), each.apply(redis));
    }
}
