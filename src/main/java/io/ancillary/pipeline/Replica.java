package io.ancillary.pipeline;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Completion;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Findings;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreUnavailableException;
import io.smallrye.mutiny.Uni;

/**
 * This process' place in one partition.
 *
 * <pre>
 * joining ──joined──▶ tenure ──declared dead──▶ joining, under a new name
 *    ╰──── another layout in Redis ────▶ the process ends
 * </pre>
 */
final class Replica {
    private static final Logger LOG = Logger.getLogger(Replica.class);
    private static final Duration NOTEWORTHY = Duration.ofSeconds(1);
    /** However much is due, there is time for other things between two looks. */
    private static final Duration SPACING = Duration.ofMillis(50);
    static final Duration BEAT = Duration.ofMillis(500);

    private final CollationStore store;
    private final Supplier<String> names;
    private final BiFunction<Membership, Consumer<Duration>, Tenure> tenures;
    private final Consumer<FormatMismatchException> fatal;
    private final BiConsumer<Duration, Runnable> timer;
    private final LongSupplier nanos;

    private final CompletableFuture<Void> joined = new CompletableFuture<>();
    private volatile @Nullable Tenure tenure;
    private volatile long answeredNanos;
    private boolean ticking;
    private boolean working;
    private boolean foundMeanwhile;
    private volatile boolean left;
    private volatile boolean draining;
    private boolean soonerSet;
    private long soonerAt;
    private long awaySince;
    private boolean away;
    private boolean toldSo;

    Replica(CollationStore store, Supplier<String> names, BiFunction<Membership, Consumer<Duration>, Tenure> tenures,
            Consumer<FormatMismatchException> fatal, BiConsumer<Duration, Runnable> timer, LongSupplier nanos) {
        this.store = store;
        this.names = names;
        this.tenures = tenures;
        this.fatal = fatal;
        this.timer = timer;
        this.nanos = nanos;
    }

    /** Whether the store answered within this time. */
    boolean isReady(Duration within) {
        return tenure != null && !draining && nanos.getAsLong() - answeredNanos < within.toNanos();
    }

    int held(String flow) {
        Tenure current = tenure;
        return current == null ? 0 : current.held(flow);
    }

    CompletionStage<Void> rehearse() {
        return current().rehearse();
    }

    boolean turnsAway(FlowDefinition flow, boolean busy, boolean late) {
        Tenure current = tenure;
        return current != null && current.turnsAway(flow, busy, late);
    }

    /** How long it takes, as things go, until there is room again for a flow that has none. */
    Duration untilRoom(String flow) {
        Tenure current = tenure;
        return current == null ? Duration.ofSeconds(1) : current.untilRoom(flow);
    }

    CompletionStage<Acceptance> accept(FlowDefinition flow, Arrival arrival) {
        Tenure current = tenure;
        if (current == null || draining) {
            return CompletableFuture.failedFuture(
                    new StoreUnavailableException(draining ? "about to stop" : "not joined yet"));
        }
        Duration soonest = flow.flow().soonestDue();
        if (soonest.compareTo(BEAT) < 0) {
            store.executor().execute(() -> tickSooner(soonest));
        }
        return current.accept(flow, arrival);
    }

    /** Whether a token is one that this partition gave out. */
    boolean admits(String token, PartId part) {
        return current().admits(token, part);
    }

    CompletionStage<Completion> complete(FlowDefinition flow, PartName part, PartResult.Output output) {
        return current().complete(flow, part, output);
    }

    CompletionStage<Boolean> retry(PartName part) {
        return current().retry(part);
    }

    private Tenure current() {
        Tenure current = tenure;
        if (current == null) {
            throw new StoreUnavailableException("not joined yet");
        }
        return current;
    }

    /** One heartbeat; to be called every beat, and more often while not joined. */
    void tick() {
        store.executor().execute(() -> {
            if (!ticking && !left) {
                ticking = true;
                Tenure current = tenure;
                (current == null ? join() : beat(current))
                        .onTermination().invoke(() -> ticking = false)
                        .subscribe().with(this::answered, failure -> failed(current, failure));
            }
        });
    }

    /** What is due before the next beat does not wait for it. One timer at a time, unless a sooner one is needed. */
    private void tickSooner(Duration next) {
        long at = nanos.getAsLong() + next.toNanos();
        if (next.compareTo(BEAT) < 0 && (!soonerSet || at - soonerAt < 0)) {
            soonerSet = true;
            soonerAt = at;
            timer.accept(next.plus(SPACING), () -> store.executor().execute(() -> soonerIsNow(at)));
        }
    }

    /** A timer that was overtaken by a sooner one does nothing, or each would set its own successor. */
    private void soonerIsNow(long at) {
        if (soonerSet && soonerAt == at) {
            soonerSet = false;
            tick();
        }
    }

    /** Something is due that no beat has foreseen. */
    void lookSoon() {
        store.executor().execute(() -> tickSooner(Duration.ZERO));
    }

    /** Completes when it has joined for the first time. */
    CompletableFuture<Void> joined() {
        return joined;
    }

    boolean isJoined() {
        return tenure != null;
    }

    /** Takes nothing more in, from the doors or from others; goes on beating, so that what is under way stays its own. */
    void drain() {
        draining = true;
        Tenure current = tenure;
        if (current != null) {
            current.drain();
        }
    }

    /** Whether nothing is under way that could be finished soon. */
    CompletionStage<Boolean> isIdle() {
        CompletableFuture<Boolean> idle = new CompletableFuture<>();
        store.executor().execute(() -> {
            Tenure current = tenure;
            idle.complete(current == null || away || current.isIdle());
        });
        return idle;
    }

    CompletionStage<Void> leave() {
        left = true;
        Tenure current = tenure;
        return current == null ? CompletableFuture.completedFuture(null) : current.membership().leave();
    }

    private Uni<Optional<Duration>> beat(Tenure current) {
        return current.beat().invoke(findings -> work(current, findings)).map(Findings::next);
    }

    /** Beside the heartbeat; what is found while it goes on is found again. */
    private void work(Tenure current, Findings findings) {
        if (draining) {
            return;
        }
        if (working) {
            foundMeanwhile = true;
            return;
        }
        working = true;
        foundMeanwhile = false;
        current.work(findings)
                .onTermination().invoke(() -> working = false)
                .subscribe().with(more -> {
                    more.ifPresent(this::tickSooner);
                    if (foundMeanwhile) {
                        tickSooner(Duration.ZERO);
                    }
                }, failure -> failed(current, failure));
    }

    private Uni<Optional<Duration>> join() {
        return Uni.createFrom().completionStage(() -> store.join(names.get())).invoke(membership -> {
            LOG.infof("joined as replica %s", membership.replica());
            tenure = tenures.apply(membership, this::tickSooner);
            joined.complete(null);
        }).replaceWith(Optional.of(Duration.ZERO));
    }

    private void answered(Optional<Duration> next) {
        next.ifPresent(this::tickSooner);
        answeredNanos = nanos.getAsLong();
        away = false;
        if (toldSo) {
            toldSo = false;
            LOG.info("Redis is back");
        }
    }

    /** What fails for a tenure that is over already says nothing of the next. */
    private void failed(@Nullable Tenure of, Throwable failure) {
        if (of != tenure) {
            LOG.debug("a tenure that is over failed", failure);
        } else if (failure instanceof ExpelledException) {
            LOG.warnf("%s: what it held is another's now", failure.getMessage());
            tenure = null;
            if (of != null) {
                of.end();
            }
        } else if (failure instanceof FormatMismatchException mismatch) {
            fatal.accept(mismatch);
        } else if (!(failure instanceof StoreUnavailableException)) {
            LOG.error("tick failed", failure);
        } else {
            tellOnce(failure);
        }
    }

    /** Once an outage, and not for one that ends before anybody could read of it, such as at the start. */
    private void tellOnce(Throwable failure) {
        if (!away) {
            away = true;
            awaySince = nanos.getAsLong();
        } else if (!toldSo && nanos.getAsLong() - awaySince > NOTEWORTHY.toNanos()) {
            toldSo = true;
            LOG.warnf("Redis is away: %s", failure.getMessage());
        }
    }
}
