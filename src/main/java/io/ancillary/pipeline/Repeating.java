package io.ancillary.pipeline;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.StoreUnavailableException;
import io.smallrye.mutiny.Uni;

/** Calls to the store that are repeated until it answers. */
final class Repeating {
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final double JITTER = 0.2;

    private Repeating() {
    }

    static boolean isWorthIt(Throwable failure) {
        return failure instanceof StoreUnavailableException && !(failure instanceof ExpelledException);
    }

    static <T> Uni<T> call(Supplier<CompletionStage<T>> call) {
        return Uni.createFrom().completionStage(call)
                .onFailure(Repeating::isWorthIt).recoverWithUni(() -> again(call, () -> {
                }));
    }

    /**
     * Likewise, without what it takes to repeat a call until one has failed: nearly all are made once.
     *
     * @param failed is told of each failure after which it is repeated
     * @param then is told the answer, or why there is none
     */
    static <T> void call(Supplier<CompletionStage<T>> call, Runnable failed, BiConsumer<T, @Nullable Throwable> then) {
        call.get().whenComplete((answer, failure) -> {
            Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
                    : failure;
            if (cause != null && isWorthIt(cause)) {
                failed.run();
                again(call, failed).subscribe().with(late -> then.accept(late, null), problem -> then.accept(none(), problem));
            } else {
                then.accept(answer, cause);
            }
        });
    }

    @SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" }) // Who is told why there is no answer looks at none.
    private static <T> T none() {
        return null;
    }

    private static <T> Uni<T> again(Supplier<CompletionStage<T>> call, Runnable failed) {
        return Uni.createFrom().voidItem().onItem().delayIt().by(FIRST_WAIT)
                .chain(() -> Uni.createFrom().completionStage(call)
                        .onFailure(Repeating::isWorthIt).invoke(failed)
                        .onFailure(Repeating::isWorthIt).retry()
                        .withBackOff(FIRST_WAIT.multipliedBy(2), LONGEST_WAIT).withJitter(JITTER).indefinitely());
    }
}
