package io.ancillary.pipeline;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import org.jboss.logging.Logger;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Settlement;
import io.ancillary.delivery.Deliverer;
import io.ancillary.delivery.Letter;
import io.smallrye.mutiny.Uni;

/**
 * The deliveries in flight at one tenure: reads the outcome, has it delivered, writes down how that ended.
 * <p>
 * There is room for so many. One more that the replica itself has just ended goes to the outbox, where any
 * replica with room finds it.
 */
final class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);
    /** Of outputs, in UTF-8; one outcome may be larger, but has all the room then. */
    private static final long MOST_BYTES = 64L * 1024 * 1024;
    private static final Duration WHEN_BROKEN = Duration.ofMinutes(1);
    private static final Duration WHEN_FULL = Duration.ofMillis(100);

    private final CollationStore store;
    private final Membership membership;
    private final Map<String, FlowDefinition> flows;
    private final Deliverer webhooks;
    private final Executor executor;
    private final EngineEvents events;
    private final int room;

    private final Set<String> underWay = new HashSet<>();
    private long bytesUnderWay;
    private boolean behind;

    Courier(CollationStore store, Membership membership, Surroundings surroundings) {
        this.store = store;
        this.membership = membership;
        this.flows = surroundings.flows();
        this.webhooks = surroundings.webhooks();
        this.executor = store.executor();
        this.events = surroundings.events();
        this.room = surroundings.deliveryRoom();
    }

    int free() {
        return Math.max(0, room - underWay.size());
    }

    boolean isIdle() {
        return underWay.isEmpty();
    }

    /** Whether some that are in flight here are made by nobody, and there is room for one by now. */
    boolean isBehind() {
        return behind && free() > 0;
    }

    /** Makes a delivery whose resource was just ended here. The last quarter of the room is for the outbox. */
    void deliver(Delivery delivery) {
        if (underWay.contains(delivery.id()) || underWay.size() < room - Math.max(1, room / 4)) {
            make(delivery);
        } else {
            postpone(delivery);
        }
    }

    private void postpone(Delivery delivery) {
        settle(delivery, new Settlement.Postponed(WHEN_FULL)).subscribe().with(done -> {
        }, failure -> LOG.errorf(failure, "delivery %s could not be postponed", delivery.id()));
    }

    /** Makes deliveries that were claimed for here. */
    void adopt(List<String> ids) {
        ids.stream().filter(id -> !underWay.contains(id)).forEach(id -> call(() -> store.pending(id))
                .subscribe().with(found -> executor.execute(() -> found.ifPresentOrElse(this::make, () -> forget(id))),
                        failure -> LOG.errorf(failure, "delivery %s could not be read", id)));
    }

    /** All that the store holds in flight here: what nobody makes is made, as far as there is room. */
    void adoptAll(List<String> ids) {
        List<String> idle = ids.stream().filter(id -> !underWay.contains(id)).toList();
        behind = idle.size() > free();
        adopt(idle.subList(0, Math.min(idle.size(), free())));
    }

    private void make(Delivery delivery) {
        if (underWay.contains(delivery.id())) {
            return;
        }
        if (bytesUnderWay > 0 && bytesUnderWay + delivery.bytes() > MOST_BYTES) {
            postpone(delivery);
        } else {
            underWay.add(delivery.id());
            bytesUnderWay += delivery.bytes();
            outcome(delivery)
                    .chain(outcome -> outcome.map(found -> send(delivery, found)).orElseGet(() -> release(delivery.id())))
                    .subscribe().with(
                            done -> executor.execute(() -> letGo(delivery)),
                            failure -> executor.execute(() -> giveUp(delivery, failure)));
        }
    }

    /** Delivered by another, or dropped. */
    private void forget(String id) {
        release(id).subscribe().with(done -> {
        }, failure -> LOG.errorf(failure, "delivery %s could not be let go", id));
    }

    private Uni<Optional<Outcome>> outcome(Delivery delivery) {
        return call(() -> store.outcome(delivery));
    }

    private Uni<Void> send(Delivery delivery, Outcome outcome) {
        return webhooks.deliver(delivery, () -> letter(outcome))
                .chain(settlement -> settle(delivery, settlement).invoke(() -> events
                        .settled(delivery.collation().flow(), settlement instanceof Settlement.Delivered)));
    }

    private Optional<Letter> letter(Outcome outcome) {
        FlowDefinition flow = requireNonNull(flows.get(outcome.id().flow()), "unknown flow");
        Optional<String> callback = outcome.of().terms().callback();
        return callback.map(url -> new Letter(URI.create(url), false, flow.body(outcome)))
                .or(() -> flow.webhook().map(to -> new Letter(to, true, flow.body(outcome))));
    }

    private Uni<Void> settle(Delivery delivery, Settlement settlement) {
        return call(() -> membership.settle(delivery, settlement)).replaceWithVoid();
    }

    private Uni<Void> release(String id) {
        return call(() -> membership.release(id));
    }

    private void letGo(Delivery delivery) {
        underWay.remove(delivery.id());
        bytesUnderWay -= delivery.bytes();
    }

    private void giveUp(Delivery delivery, Throwable failure) {
        letGo(delivery);
        if (failure instanceof ExpelledException) {
            LOG.debugf("delivery %s is another's now", delivery.id());
            return;
        }
        LOG.errorf(failure, "delivery %s broke off", delivery.id());
        settle(delivery, new Settlement.Failed(0, "no body could be made of what is kept of its resource", WHEN_BROKEN))
                .subscribe().with(done -> {
                }, unsettled -> executor.execute(() -> behind = true));
    }

    private static <T> Uni<T> call(Supplier<CompletionStage<T>> call) {
        return Uni.createFrom().completionStage(call)
                .onFailure(Repeating::isWorthIt).retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1)).withJitter(0.2).indefinitely();
    }
}
