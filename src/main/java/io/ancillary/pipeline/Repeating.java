package io.ancillary.pipeline;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

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
        return call(call, () -> {
        });
    }

    /**
     * Tells also of each failure after which it is repeated. What it takes to repeat a call is made when one has failed:
     * nearly all are made once.
     */
    static <T> Uni<T> call(Supplier<CompletionStage<T>> call, Runnable failed) {
        return Uni.createFrom().completionStage(call)
                .onFailure(Repeating::isWorthIt).recoverWithUni(() -> {
                    failed.run();
                    return Uni.createFrom().voidItem().onItem().delayIt().by(FIRST_WAIT)
                            .chain(() -> Uni.createFrom().completionStage(call))
                            .onFailure(Repeating::isWorthIt).invoke(failed)
                            .onFailure(Repeating::isWorthIt).retry()
                            .withBackOff(FIRST_WAIT, LONGEST_WAIT).withJitter(JITTER).indefinitely();
                });
    }
}
