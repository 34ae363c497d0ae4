package io.ancillary.pipeline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.jboss.logging.Logger;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.smallrye.mutiny.Uni;

/**
 * The parts of one flow that one tenure holds: waiting, in processing, being collated.
 * <p>
 * What it holds is bounded by count and by bytes. Arrivals beyond that are refused; parts found in the journal
 * stay there until there is room, and {@link #isBehind()} says so.
 */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private final FlowDefinition flow;
    private final int concurrency;
    private final Membership membership;
    private final Executor executor;
    private final EngineEvents events;
    private final Consumer<Collated> collated;
    private final Runnable uncertain;

    /** Arrivals on their way to the store count too; they are counted before the executor sees them. */
    private final AtomicInteger parts = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    private final Set<String> held = new HashSet<>();
    private final Deque<Part> waiting = new ArrayDeque<>();
    private int processing;
    private boolean behind;

    /**
     * @param collated is told what became of each part
     * @param uncertain is told when a call may have been carried out although it failed
     */
    Lane(FlowDefinition flow, int concurrency, Membership membership, Executor executor, EngineEvents events,
            Consumer<Collated> collated, Runnable uncertain) {
        this.flow = flow;
        this.concurrency = concurrency;
        this.membership = membership;
        this.executor = executor;
        this.events = events;
        this.collated = collated;
        this.uncertain = uncertain;
    }

    /** Makes room for an arrival, from any thread; false when there is none. */
    boolean admit(Arrival arrival) {
        if (hasRoom()) {
            count(arrival.body());
            return true;
        }
        return false;
    }

    /** The arrival for which room was made did not become a part of ours. */
    void dismiss(Arrival arrival) {
        uncount(arrival.body());
    }

    /** The arrival for which room was made is now this part. */
    void hold(Part part) {
        if (held.add(part.entry())) {
            enqueue(part);
        } else {
            // Found in the journal already, before the answer to its own arrival came.
            uncount(part.body());
        }
    }

    /** A part found in the journal: ours, unless we have it already. */
    void adopt(Part part) {
        if (held.contains(part.entry())) {
            return;
        }
        if (!hasRoom()) {
            behind = true;
            return;
        }
        count(part.body());
        held.add(part.entry());
        events.adopted(flow.flow().name());
        enqueue(part);
    }

    /** Whether parts were left in the journal and there is room for some by now. */
    boolean isBehind() {
        return behind && parts.get() <= flow.flow().journalCapacity() / 2 && bytes.get() <= MOST_BYTES / 2;
    }

    /** The journal is about to be read from its beginning. */
    void catchingUp() {
        behind = false;
    }

    /** The journal could not be read to its end. */
    void fellBehind() {
        behind = true;
    }

    int held() {
        return parts.get();
    }

    private boolean hasRoom() {
        return parts.get() < flow.flow().journalCapacity() && bytes.get() < MOST_BYTES;
    }

    private void count(String body) {
        parts.incrementAndGet();
        bytes.addAndGet(body.length());
    }

    private void uncount(String body) {
        parts.decrementAndGet();
        bytes.addAndGet(-body.length());
    }

    private void enqueue(Part part) {
        waiting.add(part);
        processNext();
    }

    private void processNext() {
        while (processing < concurrency && !waiting.isEmpty()) {
            processing++;
            Part part = waiting.remove();
            process(part)
                    .chain(result -> collate(part, result))
                    .subscribe().with(
                            outcome -> executor.execute(() -> done(part, outcome)),
                            failure -> executor.execute(() -> giveUp(part, failure)));
        }
    }

    private Uni<PartResult> process(Part part) {
        return Uni.createFrom().deferred(() -> flow.process(part))
                .onFailure().recoverWithItem(failure -> {
                    LOG.warnf(failure, "%s: part %d of %s failed", part.id().flow(), part.index(), part.id().resource());
                    return new PartResult.Failure("the processor failed");
                });
    }

    /** Repeated until it is answered: the journal entry is taken out once, whichever call does it. */
    private Uni<Collated> collate(Part part, PartResult result) {
        return Uni.createFrom().completionStage(() -> membership.collate(flow.flow(), part, result))
                .onFailure(Repeating::isWorthIt).invoke(uncertain)
                .onFailure(Repeating::isWorthIt).retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1)).withJitter(0.2).indefinitely();
    }

    /** Not ours any more, or beyond us; if it is ours all the same, it is found in the journal again. */
    private void giveUp(Part part, Throwable failure) {
        if (!(failure instanceof ExpelledException)) {
            LOG.errorf(failure, "%s: part %d of %s could not be collated", part.id().flow(), part.index(),
                    part.id().resource());
            uncertain.run();
        }
        letGo(part);
        processNext();
    }

    private void letGo(Part part) {
        processing--;
        held.remove(part.entry());
        uncount(part.body());
    }

    private void done(Part part, Collated outcome) {
        letGo(part);
        events.collated(flow.flow().name(), outcome);
        collated.accept(outcome);
        processNext();
    }
}
