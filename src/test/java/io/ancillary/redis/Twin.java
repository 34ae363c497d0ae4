package io.ancillary.redis;

import java.util.function.Function;

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

    <R> Twin<R> map(Function<T, R> each) {
        return new Twin<>(each.apply(model), each.apply(redis));
    }
}
