package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.failedFuture;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.redis.Twin.Side;

/**
 * The way to the store and back. Mostly a call is carried out and answered. Now and then its answer is lost; now and
 * then it is held back, and reaches the store when others have gone before it, its sender was declared dead, or it is
 * past its not-after and refused. Nobody waits for the answer by then.
 */
final class BadLine {
    private final Chance chance;
    private final TwinStores stores;
    private final List<Held> held = new ArrayList<>();

    BadLine(Chance chance, TwinStores stores) {
        this.chance = chance;
        this.stores = stores;
    }

    /** A call on its way. */
    private record Held(Call<?> call, Instant sent) {
    }

    /** The answers as the sender gets them, each empty when it was refused; nothing at all when it gets none. */
    <T> Optional<List<Optional<Twin<T>>>> send(Call<T> call) {
        int dice = chance.below(24);
        if (dice == 0) {
            stores.tell(call.what() + " (held back)");
            held.add(new Held(call, stores.now()));
            return Optional.empty();
        }
        List<Optional<Twin<T>>> answers = carryOut(call, dice < 3 ? " (its answer is lost)" : "", Duration.ZERO);
        return dice < 3 ? Optional.empty() : Optional.of(answers);
    }

    /** Over a line that is not bad. */
    <T> List<Optional<Twin<T>>> carryOut(Call<T> call) {
        return carryOut(call, "", Duration.ZERO);
    }

    boolean isHolding() {
        return !held.isEmpty();
    }

    boolean isHoldingOf(String sender) {
        return held.stream().anyMatch(it -> it.call().sender().equals(sender));
    }

    /** One of those that were held back gets there. */
    void letOneThrough() {
        Held one = held.remove(chance.below(held.size()));
        carryOut(one.call(), " (sent before)", Duration.between(one.sent(), stores.now()));
    }

    void letAllThrough() {
        while (isHolding()) {
            letOneThrough();
        }
    }

    private <T> List<Optional<Twin<T>>> carryOut(Call<T> call, String how, Duration age) {
        boolean late = call.expires() && age.compareTo(RedisStores.CALL_TIMEOUT) > 0;
        List<Optional<Twin<T>>> answers = late
                ? call.items().stream().map(item -> carryOutLate(call, item, age)).toList()
                : stores.askTogether(call.sender(), call.what() + how, call.items());
        IntStream.range(0, answers.size()).forEach(i -> answers.get(i).ifPresent(it -> call.witnessed().accept(i, it)));
        return answers;
    }

    /** Each item by itself: the answer to the first puts the sender's clock right. The model knows of no not-after. */
    private <T> Optional<Twin<T>> carryOutLate(Call<T> call, Function<Side, CompletionStage<T>> item, Duration age) {
        stores.setBackClockOf(call.sender(), age);
        Function<Side, CompletionStage<T>> refusedByModel = side -> side == Side.MODEL
                ? failedFuture(new StoreUnavailableException("too late"))
                : item.apply(side);
        return stores.askTogether(call.sender(), call.what() + " (too late)", List.of(refusedByModel)).get(0);
    }
}
