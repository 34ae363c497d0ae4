package io.ancillary.pipeline;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.Membership;
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

    private final CollationStore store;
    private final Supplier<String> names;
    private final Function<Membership, Tenure> tenures;
    private final Consumer<FormatMismatchException> fatal;
    private final LongSupplier nanos;

    private final CompletableFuture<Void> joined = new CompletableFuture<>();
    private volatile @Nullable Tenure tenure;
    private volatile long answeredNanos;
    private boolean ticking;
    private long awaySince;
    private boolean away;
    private boolean toldSo;

    Replica(CollationStore store, Supplier<String> names, Function<Membership, Tenure> tenures,
            Consumer<FormatMismatchException> fatal, LongSupplier nanos) {
        this.store = store;
        this.names = names;
        this.tenures = tenures;
        this.fatal = fatal;
        this.nanos = nanos;
    }

    /** Whether the store answered within this time. */
    boolean isReady(Duration within) {
        return tenure != null && nanos.getAsLong() - answeredNanos < within.toNanos();
    }

    int held(String flow) {
        Tenure current = tenure;
        return current == null ? 0 : current.held(flow);
    }

    CompletionStage<Acceptance> accept(FlowDefinition flow, Arrival arrival) {
        Tenure current = tenure;
        if (current == null) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("not joined yet"));
        }
        return current.accept(flow, arrival);
    }

    /** One heartbeat; to be called every beat, and more often while not joined. */
    void tick() {
        store.executor().execute(() -> {
            if (!ticking) {
                ticking = true;
                Tenure current = tenure;
                (current == null ? join() : current.tick())
                        .onTermination().invoke(() -> ticking = false)
                        .subscribe().with(done -> answered(), this::failed);
            }
        });
    }

    /** Completes when it has joined for the first time. */
    CompletableFuture<Void> joined() {
        return joined;
    }

    boolean isJoined() {
        return tenure != null;
    }

    CompletionStage<Void> leave() {
        Tenure current = tenure;
        return current == null ? CompletableFuture.completedFuture(null) : current.membership().leave();
    }

    private Uni<Void> join() {
        return Uni.createFrom().completionStage(() -> store.join(names.get())).invoke(membership -> {
            LOG.infof("joined as replica %s", membership.replica());
            tenure = tenures.apply(membership);
            joined.complete(null);
        }).replaceWithVoid();
    }

    private void answered() {
        answeredNanos = nanos.getAsLong();
        away = false;
        if (toldSo) {
            toldSo = false;
            LOG.info("Redis is back");
        }
    }

    private void failed(Throwable failure) {
        if (failure instanceof ExpelledException) {
            LOG.warnf("%s: what it held is another's now", failure.getMessage());
            Tenure lost = tenure;
            tenure = null;
            if (lost != null) {
                lost.end();
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
