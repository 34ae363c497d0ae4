package io.ancillary.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import org.jboss.logging.Logger;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Completion;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Membership.Findings;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.processing.CompletionTokens;
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
    private static final Executor DIRECTLY = Runnable::run;
    private static final Logger LOG = Logger.getLogger(Tenure.class);
    private static final Flow REHEARSAL = new Flow("rehearsal", new Flow.Shape(false, 1, false, false, false),
            new Flow.Limits(0, 0, 0, 0, 0, 0), new Flow.Times(Duration.ZERO, Duration.ZERO, Duration.ZERO));
    private static final String NO_ENTRY = "0-1";
    private static final int FIND = 256;
    private static final int PAGE = 128;
    private static final int EXPIRE_AT_A_TIME = 64;
    private static final int WAKE_AT_A_TIME = 32;
    private static final int BESIDES_AN_OUTPUT = 1000;
    private static final long MOST_COMPLETING = 64L * 1024 * 1024;
    private static final Duration WHEN_FULL = Duration.ofMillis(50);
    /** Longer than any call can wait somewhere and still be carried out. */
    private static final long UNCERTAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private static final Acceptance FULL = new Acceptance.Refused(Refusal.OVER_CAPACITY);

    private final CollationStore store;
    private final Membership membership;
    private final CompletionTokens tokens;
    private final Map<String, Lane> lanes;
    private final Courier courier;
    private final Sharing sharing;
    private final EngineEvents events;
    private final LongSupplier nanos;

    /** Outputs on their way into the store, in characters; they are counted before the executor sees them. */
    private final AtomicLong completing = new AtomicLong();

    /** The journal has what is not held, or may have. */
    private boolean given;
    private boolean uncertain;
    private long uncertainUntil;
    private long connections;

    /** Takes whom to tell how soon something will be due. */
    Tenure(int partition, CollationStore store, Membership membership, Surroundings surroundings,
            Consumer<Duration> dueIn) {
        this.store = store;
        this.membership = membership;
        this.tokens = new CompletionTokens(membership.secret());
        this.events = surroundings.events();
        this.nanos = surroundings.nanos();
        this.connections = store.connections();
        this.courier = new Courier(store, membership, surroundings, dueIn);
        this.lanes = surroundings.flows().values().stream().collect(Collectors.toUnmodifiableMap(
                flow -> flow.flow().name(), flow -> new Lane(flow, partition, store, membership, surroundings,
                        this::collated, this::becomeUncertain)));
        this.sharing = new Sharing(membership, lanes, () -> given = true);
    }

    Membership membership() {
        return membership;
    }

    int held(String flow) {
        return lane(flow).held();
    }

    Duration untilRoom(String flow) {
        return lane(flow).untilRoom();
    }

    /** Whether nothing is in a turn, on its way into the store, or on its way to a webhook. */
    boolean isIdle() {
        return courier.isIdle() && lanes.values().stream().allMatch(Lane::isIdle);
    }

    boolean turnsAway(FlowDefinition flow, boolean busy, boolean late) {
        return membership.isCrowded(flow.flow(), late) || (busy && lane(flow.flow().name()).turnsAway());
    }

    /**
     * Takes an arrival in; what is accepted is processed whether or not anybody waits for the answer. Where nothing else is
     * held, that comes second: a processor that has its output at once has it on its way before a client is told, and the
     * webhook comes the sooner. Among many, one is not the sooner for it.
     */
    CompletionStage<Acceptance> accept(FlowDefinition flow, Arrival arrival) {
        Lane lane = lane(flow.flow().name());
        if (membership.isCrowded(flow.flow(), false) || !lane.admit(arrival)) {
            events.answered(flow.flow().name(), FULL);
            return CompletableFuture.completedFuture(FULL);
        }
        return membership.accept(flow.flow(), arrival).whenCompleteAsync((acceptance, failure) -> {
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
            if (acceptance.equals(FULL)) {
                lane.refused();
            }
        }, store.executor()).thenApplyAsync(Function.identity(),
                tell -> (lane.held() > 1 ? DIRECTLY : store.afterThis()).execute(tell));
    }

    /** Has an arrival refused for which there is no room, and a part collated that is in no journal. */
    CompletionStage<Void> rehearse() {
        Arrival arrival = new Arrival("rehearsal", 1, true, "digest", "body", Optional.empty(), Optional.empty());
        Part part = new Part(NO_ENTRY, new CollationId(REHEARSAL.name(), arrival.resource()), "none", 1, 0, 0, "body");
        return membership.accept(REHEARSAL, arrival)
                .thenCompose(refused -> membership.collate(REHEARSAL, part, new PartResult.Output("1")))
                .thenApply(lost -> null);
    }

    /** Whether a token is one that this partition gave out. */
    boolean admits(String token, PartId part) {
        return tokens.admits(token, part);
    }

    /** Takes the output of a part that was put off; what ends by it is delivered from here. */
    CompletionStage<Completion> complete(FlowDefinition flow, PartName part, PartResult.Output output) {
        int size = output.json().length() + BESIDES_AN_OUTPUT;
        if (completing.addAndGet(size) > MOST_COMPLETING) {
            completing.addAndGet(-size);
            Completion full = new Completion.OverCapacity();
            events.completed(flow.flow().name(), full);
            return CompletableFuture.completedFuture(full);
        }
        return membership.complete(flow.flow(), part, output).whenCompleteAsync((completion, failure) -> {
            completing.addAndGet(-size);
            if (failure != null) {
                becomeUncertain();
                return;
            }
            events.completed(flow.flow().name(), completion);
            ended(completion).ifPresent(courier::deliver);
        }, store.executor());
    }

    private static Optional<Delivery> ended(Completion completion) {
        if (completion instanceof Completion.Taken taken) {
            return taken.delivery();
        }
        return completion instanceof Completion.TooLarge tooLarge ? tooLarge.delivery() : Optional.empty();
    }

    /** Gives a dead part another chance, here; false when it is not dead, or its collation has ended. */
    CompletionStage<Boolean> retry(PartName part) {
        return membership.retry(part).whenCompleteAsync((found, failure) -> {
            if (failure != null) {
                becomeUncertain();
            } else {
                found.ifPresent(this::adopt);
            }
        }, store.executor()).thenApply(Optional::isPresent);
    }

    /** The name was lost: what is held is another's now. */
    void end() {
        lanes.values().forEach(Lane::end);
        courier.end();
    }

    /** One heartbeat, which finds what is due. Nothing else rides on it: a busy replica must not look dead. */
    Uni<Findings> beat() {
        lanes.values().forEach(Lane::look);
        return Uni.createFrom().completionStage(() -> membership.tick(FIND))
                .onFailure(Repeating::isWorthIt).invoke(this::becomeUncertain);
    }

    /** Wants nothing from others any more, and begins nothing that would have to wait. */
    void drain() {
        lanes.values().forEach(Lane::drain);
        membership.compare(Map.of()).whenComplete((comparison, failure) -> LOG.debug("draining"));
    }

    /** Does what was found to be due; gives how soon to look again when there is more already. */
    Uni<Optional<Duration>> work(Findings findings) {
        return takeOverSilent(findings)
                .chain(() -> claimDue(findings))
                .chain(claimed -> expireDue(findings)
                        .chain(() -> wakeOverdue(findings))
                        .call(sharing::compare)
                        .call(this::catchUp)
                        .map(moreToWake -> untilMore(findings, claimed, moreToWake)))
                .onFailure().invoke(this::becomeUncertain);
    }

    /** As much as a look can find, or more deliveries or parts than there was room for. */
    private static Optional<Duration> untilMore(Findings findings, int claimed, boolean moreToWake) {
        if (findings.dueCollations().size() == FIND || claimed == FIND) {
            return Optional.of(Duration.ZERO);
        }
        return claimed < findings.dueDeliveries().size() || moreToWake ? Optional.of(WHEN_FULL) : Optional.empty();
    }

    private Uni<Void> takeOverSilent(Findings findings) {
        return Multi.createFrom().iterable(findings.silentReplicas())
                .onItem().transformToUniAndConcatenate(this::takeOver)
                .collect().asList().replaceWithVoid();
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

    private Uni<Integer> claimDue(Findings findings) {
        List<String> wanted = findings.dueDeliveries().stream().limit(courier.free()).toList();
        if (wanted.isEmpty()) {
            return Uni.createFrom().item(0);
        }
        return Uni.createFrom().completionStage(() -> membership.claim(wanted))
                .invoke(courier::adopt).replaceWith(wanted.size());
    }

    private Uni<Void> expireDue(Findings findings) {
        return Multi.createFrom().iterable(findings.dueCollations())
                .onItem().transformToUni(this::expire)
                .merge(EXPIRE_AT_A_TIME)
                .collect().asList().replaceWithVoid();
    }

    /** Each by itself: one that cannot be looked at must not keep the others, nor what comes after them. */
    private Uni<Optional<Delivery>> expire(Due due) {
        return Uni.createFrom().completionStage(() -> membership.expire(due))
                .invoke(ended -> ended.ifPresent(courier::deliver))
                .onFailure(failure -> !(failure instanceof ExpelledException)).recoverWithItem(failure -> {
                    becomeUncertain();
                    LOG.logf(failure instanceof StoreUnavailableException ? Logger.Level.DEBUG : Logger.Level.ERROR,
                            "%s could not be looked at: %s", due, failure.getMessage());
                    return Optional.empty();
                });
    }

    /** Whether there may be more. */
    private Uni<Boolean> wakeOverdue(Findings findings) {
        return Multi.createFrom().iterable(findings.overdue())
                .onItem().transformToUniAndConcatenate(this::wake)
                .collect().asList().map(full -> full.contains(true));
    }

    /** Each by itself, as with {@link #expire}; gives whether some were woken, so that there may be more. */
    private Uni<Boolean> wake(Due due) {
        Lane lane = lanes.get(due.id().flow());
        int room = lane == null ? 0 : Math.min(lane.roomToWake(), WAKE_AT_A_TIME);
        if (room == 0) {
            return Uni.createFrom().item(false);
        }
        return Uni.createFrom().completionStage(() -> membership.wake(due, room))
                .map(parts -> {
                    parts.forEach(this::adopt);
                    return !parts.isEmpty();
                })
                .onFailure(failure -> !(failure instanceof ExpelledException)).recoverWithItem(failure -> {
                    becomeUncertain();
                    LOG.debugf(failure, "parts of %s could not be woken", due);
                    return false;
                });
    }

    private Uni<Void> catchUp() {
        if (store.connections() != connections) {
            // A connection that broke may have taken calls with it, and Redis may have come back older than it was.
            connections = store.connections();
            becomeUncertain();
        }
        boolean behind = courier.isBehind() || lanes.values().stream().anyMatch(Lane::isBehind);
        if (!uncertain && !behind && !given) {
            return Uni.createFrom().voidItem();
        }
        given = false;
        long until = uncertainUntil;
        boolean last = nanos.getAsLong() - until > 0;
        return resync().invoke(() -> {
            if (last && uncertainUntil == until) {
                uncertain = false;
            }
        });
    }

    /** Reads this replica's own journal and deliveries and adopts what is not held. */
    private Uni<Void> resync() {
        lanes.values().forEach(lane -> lane.setBehind(false));
        return readJournal("")
                .chain(() -> Uni.createFrom().completionStage(membership::inFlight))
                .invoke(courier::adoptAll)
                .onFailure().invoke(() -> lanes.values().forEach(lane -> lane.setBehind(true)))
                .replaceWithVoid();
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
            courier.deliver(ended.delivery(), ended.outcome());
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
