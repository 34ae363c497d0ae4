package io.ancillary.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.CollationStore.Listed;
import io.ancillary.collation.CollationStore.Position;
import io.ancillary.collation.Partitions;
import io.ancillary.collation.Snapshot;
import io.smallrye.mutiny.Uni;

/**
 * Collations of a flow over all partitions, newest first. A filter looks at each, so a page may end early, after
 * so many were looked at; its cursor says where to go on.
 *
 * @param <R> a row
 */
public final class Listing<R> {
    private static final int MOST_LOOKED_AT = 5000;
    private static final int LOOK_AT_A_TIME = 250;

    private final Partitions partitions;
    private final String flow;
    private final Function<Snapshot, R> row;

    public Listing(Partitions partitions, String flow, Function<Snapshot, R> row) {
        this.partitions = partitions;
        this.flow = flow;
        this.row = row;
    }

    /**
     * A page.
     *
     * @param wanted which collations to list
     * @param after where the page before ended
     */
    public Uni<Page<R>> page(Predicate<Snapshot> wanted, int limit, Position after) {
        return page(wanted, limit, after, new ArrayList<>(), 0);
    }

    /** How many there are in all. */
    public Uni<Integer> count() {
        return Uni.join().all(partitions.stores().stream()
                .map(store -> Uni.createFrom().completionStage(() -> store.count(flow))).toList()).andFailFast()
                .map(counts -> counts.stream().mapToInt(Integer::intValue).sum());
    }

    private Uni<Page<R>> page(Predicate<Snapshot> wanted, int limit, Position after, List<R> found, int lookedAt) {
        // Further each time: a filter that lets few pass should not be asked row by row.
        return next(after, Math.min(Math.max(limit, 2 * lookedAt), LOOK_AT_A_TIME)).chain(rows -> {
            Position last = after;
            for (Listed listed : rows) {
                last = listed.position();
                listed.snapshot().filter(wanted).map(row).ifPresent(found::add);
                if (found.size() == limit) {
                    return Uni.createFrom().item(new Page<>(found, Cursor.write(last)));
                }
            }
            if (rows.isEmpty()) {
                return Uni.createFrom().item(new Page<>(found, null));
            }
            return lookedAt + rows.size() >= MOST_LOOKED_AT
                    ? Uni.createFrom().item(new Page<>(found, Cursor.write(last)))
                    : page(wanted, limit, last, found, lookedAt + rows.size());
        });
    }

    /** The next over all partitions, in order. */
    private Uni<List<Listed>> next(Position after, int count) {
        List<Uni<List<Listed>>> pages = partitions.stores().stream()
                .map(store -> Uni.createFrom().completionStage(() -> store.newest(flow, after, count))).toList();
        return Uni.join().all(pages).andFailFast().map(all -> all.stream().flatMap(List::stream)
                .sorted(Comparator.comparing(Listed::position, (a, b) -> a.equals(b) ? 0 : a.isAfter(b) ? 1 : -1))
                .limit(count).toList());
    }

    /** A page; without a cursor it is the last. */
    public record Page<R>(List<R> rows, @Nullable String nextCursor) {
    }
}
