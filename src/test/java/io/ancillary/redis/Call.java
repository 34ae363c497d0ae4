package io.ancillary.redis;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;

import io.ancillary.collation.Membership;
import io.ancillary.redis.Twin.Side;

/**
 * What a replica asks of the store.
 *
 * @param expires whether it is refused when it comes too late
 * @param items what travels together
 * @param witnessed is given the answer to each item that was carried out, whether or not the replica hears of it
 * @param learnt is given the same, when the replica does
 */
record Call<T>(Twin<Membership> by, String what, boolean expires, List<Function<Side, CompletionStage<T>>> items,
        BiConsumer<Integer, Twin<T>> witnessed, BiConsumer<Integer, Twin<T>> learnt) {

    static <T> BiConsumer<Integer, Twin<T>> nothing() {
        return (i, answer) -> {
        };
    }

    /** Carried out however late it comes. */
    Call<T> whenever() {
        return new Call<>(by, what, false, items, witnessed, learnt);
    }

    String sender() {
        return by.model().replica();
    }
}
