package io.ancillary.packets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.ancillary.collation.CollationStore.Listed;
import io.ancillary.collation.CollationStore.Position;
import io.ancillary.collation.Partitions;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/**
 * Resources of all partitions, newest first. A filter looks at each row, so a page may end early, after so many
 * rows were looked at; its cursor says where to go on.
 */
final class ResourceListing {
    private static final int MOST_LOOKED_AT = 5000;
    private static final int LOOK_AT_A_TIME = 250;

    private final Partitions partitions;
    private final String flow;

    ResourceListing(Partitions partitions, String flow) {
        this.partitions = partitions;
        this.flow = flow;
    }

    Uni<Page> page(Optional<String> status, int limit, Position after) {
        return page(status, limit, after, new ArrayList<>(), 0);
    }

    private Uni<Page> page(Optional<String> status, int limit, Position after, List<ResourceView> found, int lookedAt) {
        return rows(after, Math.min(limit, LOOK_AT_A_TIME)).chain(rows -> {
            Position last = after;
            for (Listed row : rows) {
                last = row.position();
                row.snapshot().filter(it -> status.isEmpty() || status.get().equals(ResourceView.status(it)))
                        .ifPresent(it -> found.add(ResourceView.row(it)));
                if (found.size() == limit) {
                    return Uni.createFrom().item(new Page(found, Cursor.write(last)));
                }
            }
            if (rows.isEmpty()) {
                return Uni.createFrom().item(new Page(found, null));
            }
            return lookedAt + rows.size() >= MOST_LOOKED_AT
                    ? Uni.createFrom().item(new Page(found, Cursor.write(last)))
                    : page(status, limit, last, found, lookedAt + rows.size());
        });
    }

    /** The next rows over all partitions, in order. */
    private Uni<List<Listed>> rows(Position after, int count) {
        List<Uni<List<Listed>>> pages = partitions.stores().stream()
                .map(store -> Uni.createFrom().completionStage(() -> store.newest(flow, after, count))).toList();
        return Uni.join().all(pages).andFailFast().map(all -> all.stream().flatMap(List::stream)
                .sorted(Comparator.comparing(Listed::position, (a, b) -> a.equals(b) ? 0 : a.isAfter(b) ? 1 : -1))
                .limit(count).toList());
    }

    /** A page; without a cursor it is the last. */
    @RegisterForReflection
    record Page(List<ResourceView> resources, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String nextCursor) {
    }
}
