package io.ancillary.collation;

import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What a collation ended as, all its pages together.
 *
 * @param results one for each index received, in index order; a part that was not finished by the deadline has
 *        failed with {@link Collected#DEADLINE}
 */
public record Outcome(Snapshot of, List<Collected> results) {

    /** Reads it from a store, page by page. */
    public static CompletionStage<Optional<Outcome>> read(CollationStore store, Delivery delivery) {
        return from(store, delivery, 0, new ArrayList<>());
    }

    private static CompletionStage<Optional<Outcome>> from(CollationStore store, Delivery delivery, int rank,
            List<Collected> results) {
        return store.outcome(delivery, rank).thenCompose(page -> {
            if (page.isEmpty()) {
                return completedFuture(Optional.empty());
            }
            results.addAll(page.get().results());
            if (!page.get().isLast()) {
                return from(store, delivery, page.get().next(), results);
            }
            return store.received(page.get().of())
                    .thenApply(received -> Optional.of(whole(page.get().of(), results, received)));
        });
    }

    private static Outcome whole(Snapshot of, List<Collected> results, BitSet received) {
        List<Collected> all = new ArrayList<>(results);
        results.forEach(result -> received.clear(result.index()));
        received.stream().forEach(index -> all.add(new Collected(index, new PartResult.Failure(Collected.DEADLINE))));
        all.sort(Comparator.comparingInt(Collected::index));
        return new Outcome(of, all);
    }

    public CollationId id() {
        return of.id();
    }

    /** Whether every index has an output. */
    public boolean completed() {
        return of.state() == Snapshot.State.COMPLETED;
    }

    /** The number of indices, whether or not each was received. */
    public int size() {
        return of.upTo() - of.first() + 1;
    }
}
