package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStore.Listed;
import io.ancillary.collation.CollationStore.Position;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.Snapshot;

/** All that can be read of a store, read of both. */
final class StoreReadings {
    private static final int PLENTY = 1000;

    private final TwinStores stores;

    StoreReadings(TwinStores stores) {
        this.stores = stores;
    }

    /** A collation with what it misses and what failed. */
    Optional<Twin<Snapshot>> collation(CollationId id) {
        Twin<Optional<Snapshot>> found = stores.ask("find " + id, side -> stores.store(side).find(id)).orElseThrow();
        if (found.model().isEmpty()) {
            return Optional.empty();
        }
        Twin<Snapshot> snapshot = found.map(Optional::get);
        stores.ask("its missing", side -> stores.store(side).missing(snapshot.on(side), 5));
        stores.ask("its failures", side -> stores.store(side).failures(snapshot.on(side), 2));
        return Optional.of(snapshot);
    }

    Optional<Twin<Outcome>> outcome(Twin<Delivery> delivery) {
        Twin<Optional<Outcome>> found = stores
                .ask("outcome of " + delivery.model().id(), side -> stores.store(side).outcome(delivery.on(side)))
                .orElseThrow();
        return found.model().isEmpty() ? Optional.empty() : Optional.of(found.map(Optional::get));
    }

    void pending(Twin<Delivery> delivery) {
        stores.ask("pending " + delivery.model().id(), side -> stores.store(side).pending(delivery.on(side).id()));
    }

    List<Twin<Part>> journal(Twin<Membership> of) {
        Twin<List<Part>> parts = stores
                .ask("journal of " + of.model().replica(),
                        side -> of.on(side).journal("", PLENTY).thenApply(stores.aliases(side)::inOrder))
                .orElseThrow();
        return IntStream.range(0, parts.model().size()).mapToObj(i -> parts.map(list -> list.get(i))).toList();
    }

    /**
     * Entries are counted in each journal for itself: that of another part, held by another, may be called the same
     * here. Nobody collates what he does not hold, so such a pair is no case.
     */
    boolean isAnothersEntry(Twin<Membership> by, Twin<Part> part, String holder) {
        return !by.model().replica().equals(holder) && TwinStores.answer(by.redis().journal("", PLENTY)).stream()
                .anyMatch(held -> held.entry().equals(part.redis().entry()));
    }

    /** Page by page; within Redis in order, between the two as sets, because time runs only in one. */
    void newest(String flow, int limit) {
        stores.ask("newest of " + flow + " by " + limit,
                side -> listed(stores.store(side), flow, limit).thenApply(HashSet::new));
    }

    private CompletionStage<List<Listed>> listed(CollationStore store, String flow, int limit) {
        return pagesAfter(Position.START, store, flow, limit, new ArrayList<>());
    }

    private CompletionStage<List<Listed>> pagesAfter(Position after, CollationStore store, String flow, int limit,
            List<Listed> found) {
        return store.newest(flow, after, limit).thenCompose(page -> {
            if (page.isEmpty()) {
                return completedFuture(found);
            }
            Position before = after;
            for (Listed row : page) {
                assertThat(row.position().isAfter(before)).as(stores::story).isTrue();
                before = row.position();
            }
            found.addAll(page);
            return pagesAfter(before, store, flow, limit, found);
        });
    }

    void compareEverything(Chance chance, List<Twin<Membership>> members) {
        for (Flow flow : Chance.FLOWS) {
            newest(flow.name(), PLENTY);
            stores.ask("count of " + flow.name(), side -> stores.store(side).count(flow.name()));
            collations(flow, chance.resources(flow));
        }
        for (Twin<Membership> member : members) {
            journal(member);
            stores.ask("in flight at " + member.model().replica(),
                    side -> member.on(side).inFlight().thenApply(stores.aliases(side)::ids));
            stores.ask(member.model().replica() + " ticks", side -> member.on(side).tick(PLENTY));
        }
        stores.compareCounts(Chance.FLOWS.stream().map(Flow::name).toList());
    }

    private List<Twin<Snapshot>> collations(Flow flow, List<String> resources) {
        return resources.stream().map(resource -> new CollationId(flow.name(), resource))
                .flatMap(id -> collation(id).stream()).toList();
    }

    /** Each generation that has ended was said to have ended exactly once; none that has not was. */
    void checkEndings(Chance chance, Map<String, Integer> endings) {
        assertThat(endings.values()).as(stores::story).allMatch(count -> count == 1);
        Chance.FLOWS.stream().flatMap(flow -> collations(flow, chance.resources(flow)).stream()).map(Twin::redis)
                .forEach(snapshot -> {
                    String generation = stores.aliases(Twin.Side.REDIS).of(snapshot.generation());
                    assertThat(endings.containsKey(generation)).as(stores::story).isEqualTo(snapshot.ending().isPresent());
                });
    }
}
