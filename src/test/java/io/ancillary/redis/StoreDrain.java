package io.ancillary.redis;

import static io.ancillary.collation.Attempts.attempt;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationStore.DeliveryRow;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Membership.Findings;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.Snapshot;
import io.ancillary.redis.Twin.Side;

/** Everybody falls silent but one who knows nothing, and does what it finds to do until there is no more. */
final class StoreDrain {
    private static final int PLENTY = 1000;
    private static final int MOST_ROUNDS = 8;

    private final Chance chance;
    private final TwinStores stores;
    private final StoreReadings readings;
    private final Ledger ledger;
    private final Twin<Membership> heir;

    StoreDrain(Chance chance, TwinStores stores, StoreReadings readings, Ledger ledger) {
        this.chance = chance;
        this.stores = stores;
        this.readings = readings;
        this.ledger = ledger;
        this.heir = stores.join("heir", 0);
    }

    void run() {
        tick();
        stores.advance(Duration.ofMinutes(10));
        tick();
        for (int round = 0; round < MOST_ROUNDS && !stores.isIdle(Chance.NAMES); round++) {
            stores.advance(Duration.ofMinutes(round == 0 ? 10 : 30));
            redeliverDead();
            act(tick());
            collateAll();
            deliverAll();
        }
        readings.checkCounts();
        assertThat(stores.isIdle(Chance.NAMES)).as(stores::story).isTrue();
        ledger.checkAllIsDone();
    }

    private Twin<Findings> tick() {
        return ask("ticks", by -> by.tick(PLENTY));
    }

    private void act(Twin<Findings> findings) {
        findings.model().silentReplicas().forEach(this::takeOver);
        stores.ask("heir claims", side -> heir.on(side).claim(findings.on(side).dueDeliveries())
                .thenApply(claimed -> stores.aliases(side).ids(claimed))).orElseThrow();
        sorted(findings, Findings::dueCollations).forEach(due -> Twin
                .present(asked("expires " + due.model(), side -> heir.on(side).expire(due.on(side)))).ifPresent(this::ended));
        sorted(findings, Findings::overdue).forEach(due -> asked("wakes parts of " + due.model(),
                side -> heir.on(side).wake(due.on(side), PLENTY).thenApply(stores.aliases(side)::inOrder)));
    }

    /** As both call them. */
    private List<Twin<Due>> sorted(Twin<Findings> findings, Function<Findings, List<Due>> kind) {
        Twin<List<Due>> lists = Twin.of(side -> kind.apply(findings.on(side)).stream()
                .sorted(Comparator.comparing(due -> String.valueOf(stores.plain(side, due)))).toList());
        return Twin.each(lists);
    }

    private void takeOver(String silent) {
        int limit = chance.pick(1, 2, 100);
        while (!ask("takes " + silent + " over, " + limit + " at a time", by -> by.takeOver(silent, limit)).model()) {
            // There is more.
        }
    }

    private void collateAll() {
        List<Twin<Part>> journal = readings.journal(heir);
        for (Flow flow : Chance.FLOWS) {
            List<Twin<Part>> parts = journal.stream().filter(part -> part.model().id().flow().equals(flow.name())).toList();
            PartResult result = chance.output();
            List<Function<Side, CompletionStage<Collated>>> calls = parts.stream()
                    .<Function<Side, CompletionStage<Collated>>> map(
                            part -> side -> heir.on(side).collate(flow, part.on(side), result))
                    .toList();
            stores.askTogether(name(), "heir collates " + parts.size() + " of " + flow.name(), calls).stream()
                    .map(Optional::orElseThrow).filter(collated -> collated.model() instanceof Collated.Ended)
                    .forEach(ended -> ended(ended.map(it -> ((Collated.Ended) it).delivery())));
        }
    }

    private void redeliverDead() {
        readings.deliveries(DeliveryStatus.DEAD, 2);
        Twin<List<Snapshot>> dead = Twin.of(side -> TwinStores
                .answer(stores.store(side).deliveries(DeliveryStatus.DEAD, Chance.NAMES, "", PLENTY)).rows().stream()
                .map(DeliveryRow::collation)
                .sorted(Comparator.comparing(it -> stores.aliases(side).of(it.generation()))).toList());
        Twin.each(dead).forEach(it -> {
            asked("redelivers " + it.model().id(),
                    side -> stores.store(side).redeliver(it.on(side).ending().orElseThrow().delivery().id(),
                            DeliveryStatus.DEAD));
            ledger.begunAgain(it.redis().generation(), false);
        });
    }

    private void deliverAll() {
        readings.inFlight(heir).forEach(delivery -> {
            readings.outcome(delivery).orElseThrow();
            if (asked("delivers " + delivery.model().id(), side -> heir.on(side)
                    .settle(delivery.on(side), new Settlement.Delivered(attempt("")))).model()) {
                ledger.delivered(delivery.redis());
            }
        });
    }

    private void ended(Twin<Delivery> delivery) {
        ledger.ended(delivery.redis(), readings.outcome(delivery).orElseThrow().redis());
    }

    private <T> Twin<T> ask(String what, Function<Membership, CompletionStage<T>> call) {
        return asked(what, side -> call.apply(heir.on(side)));
    }

    private <T> Twin<T> asked(String what, Function<Side, CompletionStage<T>> call) {
        return stores.ask(name() + " " + what, call).orElseThrow();
    }

    private String name() {
        return heir.model().replica();
    }
}
