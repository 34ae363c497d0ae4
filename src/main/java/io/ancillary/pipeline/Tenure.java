package io.ancillary.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import org.jboss.logging.Logger;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Findings;
import io.ancillary.collation.Part;
import io.ancillary.delivery.Deliverer;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/**
 * What a replica holds of one partition while it keeps one name.
 * <p>
 * A call that failed may have been carried out all the same, even a little later. So from then on, until it
 * cannot be any more, every tick also reads this replica's own journal and deliveries and adopts what is not
 * held: {@link #resync()}.
 */
final class Tenure {
    private static final Logger LOG = Logger.getLogger(Tenure.class);
    private static final int FIND = 256;
    private static final int PAGE = 128;
    /** Longer than any call can wait somewhere and still be carried out. */
    private static final long UNCERTAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private final CollationStore store;
    private final Membership membership;
    private final Map<String, Lane> lanes;
    private final Courier courier;
    private final EngineEvents events;
    private final LongSupplier nanos;

    private boolean uncertain;
    private long uncertainUntil;
    private boolean resyncing;

    Tenure(CollationStore store, Membership membership, Map<String, FlowDefinition> flows, Deliverer webhooks,
            EngineEvents events, EngineConfig config, int deliveryRoom, LongSupplier nanos) {
        this.store = store;
        this.membership = membership;
        this.events = events;
        this.nanos = nanos;
        this.courier = new Courier(store, membership, flows, webhooks, events, deliveryRoom);
        this.lanes = flows.values().stream().collect(Collectors.toUnmodifiableMap(flow -> flow.flow().name(),
                flow -> new Lane(flow, config.processing().concurrency(), membership, store.executor(), events,
                        this::collated, this::becomeUncertain)));
    }

    Membership membership() {
        return membership;
    }

    int held(String flow) {
        return lane(flow).held();
    }

    /** Takes an arrival in; what is accepted is processed whether or not anybody waits for the answer. */
    CompletionStage<Acceptance> accept(FlowDefinition flow, Arrival arrival) {
        Lane lane = lane(flow.flow().name());
        if (!lane.admit(arrival)) {
            Acceptance full = new Acceptance.Refused(Refusal.OVER_CAPACITY);
            events.answered(flow.flow().name(), full);
            return CompletableFuture.completedFuture(full);
        }
        return membership.accept(flow.flow(), arrival).whenComplete((acceptance, failure) -> {
            if (failure != null) {
                lane.dismiss(arrival);
                becomeUncertain();
                return;
            }
            events.answered(flow.flow().name(), acceptance);
            if (acceptance instanceof Acceptance.Accepted accepted) {
                lane.hold(accepted.part());
            } else {
                lane.dismiss(arrival);
            }
        });
    }

    /** The name was lost: what is held is another's now. */
    void end() {
        lanes.forEach((flow, lane) -> events.dropped(flow, lane.held()));
    }

    /** One heartbeat, and all that is due. */
    Uni<Void> tick() {
        return Uni.createFrom().completionStage(() -> membership.tick(FIND))
                .chain(this::takeOverSilent)
                .chain(this::claimDue)
                .chain(this::retireOld)
                .chain(this::catchUp);
    }

    private Uni<Findings> takeOverSilent(Findings findings) {
        return Multi.createFrom().iterable(findings.silentReplicas())
                .onItem().transformToUniAndConcatenate(this::takeOver)
                .collect().asList().replaceWith(findings);
    }

    private Uni<Void> takeOver(String silent) {
        LOG.infof("%s takes over what %s held", membership.replica(), silent);
        // Counted as uncertain: the parts are in our journal now, and nobody told us which.
        becomeUncertain();
        events.tookOver();
        return Uni.createFrom().completionStage(() -> membership.takeOver(silent, PAGE))
                .repeat().until(nothingLeft -> nothingLeft)
                .collect().last().replaceWithVoid();
    }

    private Uni<Findings> claimDue(Findings findings) {
        List<String> wanted = findings.dueDeliveries().stream().limit(courier.free()).toList();
        if (wanted.isEmpty()) {
            return Uni.createFrom().item(findings);
        }
        return Uni.createFrom().completionStage(() -> membership.claim(wanted))
                .invoke(courier::adopt).replaceWith(findings);
    }

    private Uni<Void> retireOld(Findings findings) {
        return Multi.createFrom().iterable(findings.retirements())
                .onItem().transformToUniAndConcatenate(
                        retirement -> Uni.createFrom().completionStage(() -> membership.retire(retirement)))
                .collect().asList().replaceWithVoid();
    }

    private Uni<Void> catchUp() {
        boolean lanesBehind = lanes.values().stream().anyMatch(Lane::isBehind);
        if (!uncertain && !lanesBehind) {
            return Uni.createFrom().voidItem();
        }
        if (nanos.getAsLong() - uncertainUntil > 0) {
            uncertain = false;
        }
        return resync();
    }

    /** Reads this replica's own journal and deliveries and adopts what is not held. */
    Uni<Void> resync() {
        if (resyncing) {
            return Uni.createFrom().voidItem();
        }
        resyncing = true;
        lanes.values().forEach(Lane::catchingUp);
        return readJournal("")
                .chain(() -> Uni.createFrom().completionStage(membership::inFlight))
                .invoke(courier::adopt)
                .replaceWithVoid()
                .onTermination().invoke(() -> resyncing = false);
    }

    private Uni<Void> readJournal(String after) {
        return Uni.createFrom().completionStage(() -> membership.journal(after, PAGE)).chain(page -> {
            page.forEach(this::adopt);
            return page.size() < PAGE ? Uni.createFrom().voidItem() : readJournal(page.get(PAGE - 1).entry());
        });
    }

    private void adopt(Part part) {
        Lane lane = lanes.get(part.id().flow());
        if (lane == null) {
            LOG.warnf("part %s is of a flow unknown here, %s: it stays in the journal", part.entry(), part.id().flow());
        } else {
            lane.adopt(part);
        }
    }

    private void collated(Collated collated) {
        if (collated instanceof Collated.Ended ended) {
            courier.deliver(ended.delivery());
        }
    }

    private void becomeUncertain() {
        store.executor().execute(() -> {
            uncertain = true;
            uncertainUntil = nanos.getAsLong() + UNCERTAIN_NANOS;
        });
    }

    private Lane lane(String flow) {
        Lane lane = lanes.get(flow);
        if (lane == null) {
            throw new IllegalArgumentException("unknown flow " + flow);
        }
        return lane;
    }
}
