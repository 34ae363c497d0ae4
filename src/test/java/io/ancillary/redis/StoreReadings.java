package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.CollationStore.Listed;
import io.ancillary.collation.CollationStore.Position;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.Snapshot;
import io.ancillary.redis.Twin.Side;

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
                .ask("outcome of " + delivery.model().id(), side -> Outcome.read(stores.store(side), delivery.on(side)))
                .orElseThrow();
        return found.model().isEmpty() ? Optional.empty() : Optional.of(found.map(Optional::get));
    }

    /** The collation that it delivers, made or not, and the log of how. */
    Optional<Twin<Snapshot>> delivered(Twin<Delivery> delivery) {
        stores.ask("log of " + delivery.model().id(), side -> stores.store(side).attempts(delivery.on(side).id()));
        return Twin.present(stores.ask("collation of " + delivery.model().id(),
                side -> stores.store(side).delivered(delivery.on(side).id())).orElseThrow());
    }

    /** Page by page; which are listed, and not where. */
    void deliveries(DeliveryStatus status, int limit) {
        stores.ask(status + " deliveries by " + limit,
                side -> deliveries(stores.store(side), status, "", limit, new ArrayList<>()).thenApply(HashSet::new));
    }

    private CompletionStage<List<Snapshot>> deliveries(CollationStore store, DeliveryStatus status, String after, int limit,
            List<Snapshot> found) {
        return store.deliveries(status, Chance.NAMES, after, limit).thenCompose(page -> {
            page.rows().forEach(row -> found.add(row.collation()));
            return page.next().map(next -> deliveries(store, status, next, limit, found))
                    .orElseGet(() -> completedFuture(found));
        });
    }

    boolean isPending(Twin<Delivery> delivery) {
        return stores.ask("pending " + delivery.model().id(), side -> stores.store(side).pending(delivery.on(side).id()))
                .orElseThrow().model().isPresent();
    }

    /** Those in flight at a replica that are still to be made. */
    List<Twin<Delivery>> inFlight(Twin<Membership> of) {
        Twin<List<Delivery>> found = stores.ask("in flight at " + of.model().replica(),
                side -> of.on(side).inFlight().thenCompose(ids -> pending(side, ids))).orElseThrow();
        return Twin.each(found);
    }

    private CompletionStage<List<Delivery>> pending(Side side, List<String> ids) {
        CompletionStage<List<Delivery>> found = completedFuture(List.of());
        for (String id : ids.stream().sorted(Comparator.comparing(stores.aliases(side)::of)).toList()) {
            found = found.thenCombine(stores.store(side).pending(id),
                    (before, one) -> Stream.concat(before.stream(), one.stream()).toList());
        }
        return found;
    }

    List<Twin<Part>> journal(Twin<Membership> of) {
        Twin<List<Part>> parts = stores
                .ask("journal of " + of.model().replica(),
                        side -> of.on(side).journal("", PLENTY).thenApply(stores.aliases(side)::inOrder))
                .orElseThrow();
        return Twin.each(parts);
    }

    /** Which of the parts that were woken together comes first is a matter of a millisecond: a page is no case then. */
    boolean isInOneOrder(Twin<Membership> of) {
        Twin<List<String>> journals = Twin.of(side -> TwinStores.answer(of.on(side).journal("", PLENTY)).stream()
                .map(part -> stores.aliases(side).of(part.generation()) + " " + part.index()).toList());
        return journals.model().equals(journals.redis());
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

    void compareEverything(Chance chance, List<Twin<Membership>> members, Ledger ledger) {
        for (Flow flow : Chance.FLOWS) {
            newest(flow.name(), PLENTY);
            stores.ask("count of " + flow.name(), side -> stores.store(side).count(flow.name()));
            chance.resources(flow).stream().map(resource -> new CollationId(flow.name(), resource))
                    .flatMap(id -> collation(id).stream()).forEach(snapshot -> ledger.checkEnding(snapshot.redis()));
        }
        for (Twin<Membership> member : members) {
            journal(member);
            stores.ask("in flight at " + member.model().replica(),
                    side -> member.on(side).inFlight().thenApply(stores.aliases(side)::ids));
            stores.ask(member.model().replica() + " ticks", side -> member.on(side).tick(PLENTY));
        }
        checkCounts();
    }

    void checkCounts() {
        stores.compareCounts(Chance.NAMES);
        stores.checkCounts();
    }
}
