package io.ancillary.pipeline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.jboss.logging.Logger;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.processing.CompletionTokens;
import io.ancillary.processing.Processed;
import io.ancillary.processing.Turn;
import io.smallrye.mutiny.Uni;

/**
 * The parts of one flow that one tenure holds: waiting, in a turn at the processor, resting between two, being
 * collated.
 * <p>
 * What it holds is bounded by count and by bytes. Arrivals beyond that are refused; parts found in the journal
 * stay there until there is room, and {@link #isBehind()} says so. A part that rests makes room for the turn of
 * another; while the processor is to be left alone, none has a turn.
 */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);
    /** It has its output: whatever it is collated as is of no account, and takes it out of the journal. */
    private static final Processed COMPLETED = new Processed.Done(new PartResult.Deferred(0));
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private final FlowDefinition flow;
    private final int partition;
    private final Membership membership;
    private final CompletionTokens tokens;
    private final CollationStore store;
    private final Executor executor;
    private final Surroundings surroundings;
    private final Consumer<Collated> collated;
    private final Runnable uncertain;

    /** Arrivals on their way to the store count too; they are counted before the executor sees them. */
    private final AtomicInteger parts = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    private final Set<String> held = new HashSet<>();
    private final Deque<Work> waiting = new ArrayDeque<>();
    /** By journal entry: a timer that outlives the tenure must not keep what it was set for. */
    private final Map<String, Work> resting = new HashMap<>();
    private int processing;
    private boolean paused;
    private boolean behind;
    private boolean ended;

    /**
     * A part that is held.
     *
     * @param since when it came to be held
     * @param attempts how often it was given to its processor
     * @param turns how many turns it had from which nothing came
     */
    private record Work(Part part, long since, int attempts, int turns) {
    }

    /**
     * @param collated is told what became of each part
     * @param uncertain is told when a call may have been carried out although it failed
     */
    Lane(FlowDefinition flow, int partition, CollationStore store, Membership membership, Surroundings surroundings,
            Consumer<Collated> collated, Runnable uncertain) {
        this.flow = flow;
        this.partition = partition;
        this.membership = membership;
        this.tokens = new CompletionTokens(membership.secret());
        this.store = store;
        this.executor = store.executor();
        this.surroundings = surroundings;
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
        surroundings.events().adopted(flow.flow().name());
        enqueue(part);
    }

    /** Whether parts were left in the journal and there is room for some by now. */
    boolean isBehind() {
        return behind && parts.get() <= flow.flow().limits().journal() / 2 && bytes.get() <= MOST_BYTES / 2;
    }

    /** The journal is about to be read from its beginning. */
    void catchingUp() {
        behind = false;
    }

    /** The journal could not be read to its end. */
    void fellBehind() {
        behind = true;
    }

    /** Whether nothing is on its way in, in a turn, or about to be: what rests may rest elsewhere. */
    boolean isIdle() {
        return processing == 0 && (paused || waiting.isEmpty()) && parts.get() == held.size();
    }

    int held() {
        return parts.get();
    }

    /** How many more parts there is room for. */
    int room() {
        return bytes.get() < MOST_BYTES ? Math.max(0, flow.flow().limits().journal() - parts.get()) : 0;
    }

    /** Likewise of those whose output did not come in time: none while the processor is left alone. */
    int roomToWake() {
        return paused ? 0 : room();
    }

    /** The name was lost: what is held is another's now, and nothing more of it is begun. */
    void end() {
        ended = true;
        waiting.clear();
        resting.clear();
    }

    private boolean hasRoom() {
        return room() > 0;
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
        waiting.add(new Work(part, surroundings.nanos().getAsLong(), part.attempts(), 0));
        processNext();
    }

    private void processNext() {
        while (!paused && !ended && processing < surroundings.concurrency() && !waiting.isEmpty()) {
            processing++;
            Work work = waiting.remove();
            process(work).chain(processed -> after(work, processed)).subscribe().with(executor::execute,
                    failure -> executor.execute(() -> giveUp(work.part(), failure)));
        }
    }

    /** A collation ends at its deadline, and this part was accepted before it came to be held here. */
    private Uni<Processed> process(Work work) {
        Part part = work.part();
        Duration left = left(work);
        if (left.isNegative() || left.isZero()) {
            return Uni.createFrom().item(new Processed.Done(new PartResult.Failure(Outcome.DEADLINE)));
        }
        Turn turn = new Turn(new PartId(partition, part.name()), part.body(), work.attempts(), work.turns(), left, tokens);
        return stillAwaited(work).chain(awaited -> awaited ? flow.process(turn) : Uni.createFrom().item(COMPLETED))
                .onFailure().recoverWithItem(failure -> {
                    LOG.warnf(failure, "%s: part %d of %s failed", part.id().flow(), part.index(), part.id().resource());
                    return new Processed.Done(new PartResult.Failure("the processor failed"));
                });
    }

    /** Who was given the part before may have completed it since, by the token, and need not be asked again. */
    private Uni<Boolean> stillAwaited(Work work) {
        return work.attempts() == 0 ? Uni.createFrom().item(true)
                : Uni.createFrom().completionStage(() -> store.hasOutput(work.part().name())).map(has -> !has)
                        .onFailure(StoreUnavailableException.class).recoverWithItem(true);
    }

    private Duration left(Work work) {
        return flow.flow().times().deadline().minusNanos(surroundings.nanos().getAsLong() - work.since());
    }

    /** What is to be done on the executor. */
    private Uni<Runnable> after(Work work, Processed processed) {
        if (processed instanceof Processed.Later later) {
            Runnable rest = () -> rest(work, later);
            return Uni.createFrom().item(rest);
        }
        PartResult result = ((Processed.Done) processed).result();
        // Whose time has run out say so by the thousand, and are told of in their outcome.
        if (result instanceof PartResult.Failure failure && !failure.error().equals(Outcome.DEADLINE)) {
            LOG.warnf("part %s failed for good: %s", new PartId(partition, work.part().name()).text(), failure.error());
        }
        return collate(work.part(), result)
                .<Runnable> map(outcome -> () -> done(work.part(), outcome));
    }

    /** Repeated until it is answered: the journal entry is taken out once, whichever call does it. */
    private Uni<Collated> collate(Part part, PartResult result) {
        return Uni.createFrom().completionStage(() -> membership.collate(flow.flow(), part, result))
                .onFailure(Repeating::isWorthIt).invoke(uncertain)
                .onFailure(Repeating::isWorthIt).retry()
                .withBackOff(Duration.ofMillis(100), Duration.ofSeconds(1)).withJitter(0.2).indefinitely();
    }

    private void rest(Work work, Processed.Later later) {
        processing--;
        surroundings.events().repeated(flow.flow().name());
        if (later.pause()) {
            Work next = new Work(work.part(), work.since(), later.attempts(), work.turns());
            // Who has just lost an attempt to it is not the next to try how it is.
            if (later.attempts() > work.attempts()) {
                waiting.addLast(next);
            } else {
                waiting.addFirst(next);
            }
            pause(later.delay());
        } else {
            String entry = work.part().entry();
            resting.put(entry, new Work(work.part(), work.since(), later.attempts(), work.turns() + 1));
            Duration left = left(work);
            after(later.delay().compareTo(left) < 0 ? later.delay() : left, () -> waiting.add(resting.remove(entry)));
        }
        processNext();
    }

    private void pause(Duration wait) {
        if (!paused) {
            paused = true;
            after(wait, () -> paused = false);
        }
    }

    private void after(Duration wait, Runnable change) {
        surroundings.timer().accept(wait, () -> executor.execute(() -> {
            if (!ended) {
                change.run();
                processNext();
            }
        }));
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
        surroundings.events().collated(flow.flow().name(), outcome);
        collated.accept(outcome);
        processNext();
    }
}
