package io.ancillary.pipeline;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import org.jboss.logging.Logger;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Membership;
import io.ancillary.collation.OutcomePage;
import io.ancillary.collation.Settlement;
import io.ancillary.delivery.Body;
import io.ancillary.delivery.Deliverer;
import io.ancillary.delivery.Target;
import io.smallrye.mutiny.Uni;

/**
 * The deliveries in flight at one tenure: has each delivered when it is its turn, and writes down what came of it. One
 * for which there is no place now goes to the outbox, where any replica with room finds it.
 */
final class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);
    private static final Duration WHEN_BROKEN = Duration.ofMinutes(1);

    private final CollationStore store;
    private final Membership membership;
    private final Map<String, FlowDefinition> flows;
    private final Deliverer webhooks;
    private final long mostBytes;
    private final Executor executor;
    private final EngineEvents events;
    private final Consumer<Duration> dueIn;

    private final Set<String> underWay = new HashSet<>();
    private boolean behind;
    private volatile boolean ended;

    /** Takes whom to tell how soon a delivery will be due. */
    Courier(CollationStore store, Membership membership, Surroundings surroundings, Consumer<Duration> dueIn) {
        this.store = store;
        this.membership = membership;
        this.flows = surroundings.flows();
        this.webhooks = surroundings.webhooks();
        this.mostBytes = surroundings.mostBytes();
        this.executor = store.executor();
        this.events = surroundings.events();
        this.dueIn = dueIn;
    }

    int free() {
        return webhooks.room();
    }

    boolean isIdle() {
        return underWay.isEmpty();
    }

    /** Whether some that are in flight here are made by nobody, and there is room for one by now. */
    boolean isBehind() {
        return behind && free() > 0;
    }

    /** The name was lost: what has not been begun is another's to make. */
    void end() {
        ended = true;
    }

    /** Makes a delivery whose resource was just ended here. */
    void deliver(Delivery delivery) {
        deliver(delivery, Optional.empty());
    }

    /** Likewise, where all of what is to be delivered may be known already. */
    void deliver(Delivery delivery, Optional<OutcomePage> outcome) {
        Duration first = webhooks.untilFirst();
        if (first.isZero()) {
            make(delivery, outcome);
        } else if (underWay.add(delivery.id())) {
            settle(delivery, new Settlement.Postponed(first)).subscribe().with(
                    done -> executor.execute(() -> underWay.remove(delivery.id())),
                    failure -> executor.execute(() -> giveUp(delivery, failure)));
        }
    }

    /** Makes deliveries that were claimed for here. */
    void adopt(List<String> ids) {
        ids.stream().filter(id -> !underWay.contains(id)).forEach(id -> Repeating.call(() -> store.pending(id))
                .subscribe()
                .with(found -> executor
                        .execute(() -> found.ifPresentOrElse(it -> make(it, Optional.empty()), () -> forget(id))),
                        failure -> LOG.errorf(failure, "delivery %s could not be read", id)));
    }

    /** All that the store holds in flight here: what nobody makes is made, as far as there is room. */
    void adoptAll(List<String> ids) {
        List<String> idle = ids.stream().filter(id -> !underWay.contains(id)).toList();
        behind = idle.size() > free();
        adopt(idle.subList(0, Math.min(idle.size(), free())));
    }

    private void make(Delivery delivery, Optional<OutcomePage> outcome) {
        if (underWay.add(delivery.id())) {
            Known known = new Known(outcome);
            Uni.createFrom().deferred(() -> attempt(delivery, known))
                    .chain(settlement -> settlement.map(how -> settle(delivery, how)).orElseGet(() -> release(delivery.id())))
                    .subscribe().with(
                            done -> executor.execute(() -> underWay.remove(delivery.id())),
                            failure -> executor.execute(() -> giveUp(delivery, failure)));
            known.forget();
        }
    }

    /**
     * An outcome that is known as long as its delivery need not wait for its turn. What waits is read when that comes: it may
     * have been dropped by then, and of thousands that wait none is to be held in memory.
     */
    private static final class Known {
        private volatile Optional<OutcomePage> outcome;

        Known(Optional<OutcomePage> outcome) {
            this.outcome = outcome;
        }

        void forget() {
            outcome = Optional.empty();
        }
    }

    private Uni<Optional<Settlement>> attempt(Delivery delivery, Known known) {
        FlowDefinition flow = requireNonNull(flows.get(delivery.collation().flow()), "unknown flow");
        Optional<Target> target = delivery.callback().map(url -> new Target(URI.create(url), false))
                .or(() -> flow.webhook().map(to -> new Target(to, true)));
        return target.map(to -> webhooks.deliver(delivery, to, () -> body(delivery, flow, known.outcome)))
                .orElseGet(() -> Uni.createFrom().item(() -> Optional.of(webhooks.nowhere(delivery))));
    }

    private Uni<Optional<Body>> body(Delivery delivery, FlowDefinition flow, Optional<OutcomePage> outcome) {
        return ended ? Uni.createFrom().item(Optional.empty())
                : new OutcomeBody(store, delivery, flow.writer(), mostBytes).read(outcome);
    }

    /** Delivered by another, or dropped. */
    private void forget(String id) {
        release(id).subscribe().with(done -> {
        }, failure -> LOG.errorf(failure, "delivery %s could not be let go", id));
    }

    private Uni<Void> settle(Delivery delivery, Settlement settlement) {
        return Repeating.call(() -> membership.settle(delivery, settlement)).invoke(settled -> {
            if (settled) {
                events.settled(delivery.collation().flow(), settlement);
            }
            if (settlement instanceof Settlement.Failed failed) {
                executor.execute(() -> dueIn.accept(failed.retryIn()));
            } else if (settlement instanceof Settlement.Postponed postponed) {
                executor.execute(() -> dueIn.accept(postponed.retryIn()));
            }
        }).replaceWithVoid();
    }

    private Uni<Void> release(String id) {
        return Repeating.call(() -> membership.release(id));
    }

    private void giveUp(Delivery delivery, Throwable failure) {
        underWay.remove(delivery.id());
        if (failure instanceof ExpelledException) {
            LOG.debugf("delivery %s is another's now", delivery.id());
        } else {
            LOG.errorf(failure, "delivery %s broke off", delivery.id());
            settle(delivery, new Settlement.Postponed(WHEN_BROKEN)).subscribe().with(done -> {
            }, unsettled -> executor.execute(() -> behind = true));
        }
    }
}
