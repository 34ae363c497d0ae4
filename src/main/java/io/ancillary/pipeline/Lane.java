package io.ancillary.pipeline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jboss.logging.Logger;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Collected;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Membership;
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
 * <p>
 * A part may be what replicas die of. Those of which one died are suspects: that one is being worked on stands in
 * the journal, and counts against it at the next death. After that only a {@link #FEW} of them have a turn at once,
 * then one alone in the process, so that in the end what replicas die of is told from what was beside it.
 */
final class Lane {
    private static final Logger LOG = Logger.getLogger(Lane.class);
    /** It has its output: whatever it is collated as is of no account, and takes it out of the journal. */
    private static final Processed COMPLETED = new Processed.Done(new PartResult.Deferred(0));
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration WHEN_STUCK = Duration.ofMinutes(1);
    private static final int FEW = 16;
    private static final int MOST_DEATHS = 4;

    private final FlowDefinition flow;
    private final int partition;
    private final Membership membership;
    private final CompletionTokens tokens;
    private final CollationStore store;
    private final Executor executor;
    private final Surroundings surroundings;
    private final Consumer<Collated> collated;
    private final Runnable uncertain;

    private final Holdings held;
    private final Deque<Work> waiting = new ArrayDeque<>();
    /** Those that are to stand in a line first, while the processor is left alone. */
    private final Deque<Work> suspects = new ArrayDeque<>();
    private final Line few = new Line(FEW);
    /** By journal entry: a timer that outlives the tenure must not keep what it was set for. */
    private final Map<String, Work> resting = new HashMap<>();
    private final Outflow outflow;
    private final Turnstile turnstile;
    private int processing;
    private boolean paused;
    private boolean stopping;
    private boolean ended;

    /**
     * A part that is held.
     *
     * @param since when it came to be held
     * @param attempts how often it was given to its processor
     * @param turns how many turns it had from which nothing came
     */
    private record Work(Part part, long since, int attempts, int turns) {

        Work after(int attemptsMade, int turnsHad) {
            return new Work(part, since, attemptsMade, turnsHad);
        }

        Work as(Part moved) {
            return new Work(moved, since, attempts, turns);
        }
    }

    /**
     * @param collated is told what became of each part
     * @param uncertain is told when a call may have been carried out although it failed
     */
    Lane(FlowDefinition flow, int partition, CollationStore store, Membership membership, Surroundings surroundings,
            Consumer<Collated> collated, Runnable uncertain) {
        this.flow = flow;
        this.held = new Holdings(flow.flow().limits().journal());
        this.outflow = new Outflow(surroundings.nanos().getAsLong());
        this.turnstile = new Turnstile(surroundings.nanos().getAsLong());
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
        boolean room = held.makeRoom(arrival.body());
        if (room) {
            turnstile.ask(surroundings.nanos().getAsLong(), outflow.aSecond());
        }
        return room;
    }

    /**
     * Whether what comes now is to be turned away unread, since there is no room here, or has been none of late in the store.
     * From any thread.
     */
    boolean turnsAway() {
        return held.room() == 0 || turnstile.turnsAway(surroundings.nanos().getAsLong());
    }

    /** An arrival for which room was made here found none in the store's journal. */
    void refused() {
        turnstile.refuse(surroundings.nanos().getAsLong());
    }

    /** The arrival for which room was made did not become a part of ours. */
    void dismiss(Arrival arrival) {
        held.freeRoom(arrival.body());
    }

    /** The arrival for which room was made is now this part; unless it was found in the journal before. */
    void hold(Part part) {
        if (ended) {
            // Accepted under the name that was lost meanwhile: another's now, like all that was held under it.
            held.freeRoom(part.body());
            surroundings.events().dropped(flow.flow().name(), 1);
        } else if (held.add(part)) {
            enqueue(part);
        }
    }

    /** A part found in the journal: ours, unless we have it already. */
    void adopt(Part part) {
        if (!ended && held.find(part)) {
            surroundings.events().adopted(flow.flow().name());
            enqueue(part);
        }
    }

    /** Whether parts were left in the journal and there is room for some by now. */
    boolean isBehind() {
        return held.canCatchUp();
    }

    /** The journal is about to be read from its beginning, or could not be read to its end. */
    void setBehind(boolean behind) {
        held.setBehind(behind);
    }

    /** To be called now and then, so that it knows how fast it goes. */
    void look() {
        if (held.size() > 0) {
            outflow.look(surroundings.nanos().getAsLong());
        } else {
            outflow.lookAway(surroundings.nanos().getAsLong());
        }
    }

    /** How long it takes, as things go, until as much is done as new resources must wait for when the journal is full. */
    Duration untilRoom() {
        return held.size() == 0 ? Duration.ofSeconds(1) : outflow.timeFor(flow.flow().limits().journal() / 10);
    }

    /** Whether it could do with more: nothing waits here for longer than it must. */
    boolean isFree() {
        return !paused && !held.isBehind() && !isBackedUp();
    }

    /** Whether parts have waited for a turn long enough for others to have begun them. */
    boolean isBackedUp() {
        Work first = waiting.peek();
        return first != null && surroundings.nanos().getAsLong() - first.since() >= Replica.BEAT.toNanos();
    }

    /** Takes parts that had no turn out of the queue, those that came last first, to be given to another replica. */
    List<Part> lend(int most) {
        List<Part> lent = new ArrayList<>();
        while (lent.size() < most && !waiting.isEmpty() && isUntouched(waiting.getLast())) {
            lent.add(waiting.removeLast().part());
        }
        return lent;
    }

    private static boolean isUntouched(Work work) {
        return work.turns() == 0 && work.attempts() == work.part().attempts();
    }

    /** What was to be given is another's now, or still ours to process. */
    void lent(List<Part> parts, Collection<Part> given) {
        for (Part part : parts) {
            if (given.contains(part)) {
                held.remove(part);
            } else {
                enqueue(part);
            }
        }
        if (!ended) {
            surroundings.events().given(flow.flow().name(), given.size());
        }
    }

    /** Whether nothing is on its way in, in a turn, or about to be: what rests may rest elsewhere. */
    boolean isIdle() {
        return processing == 0 && (paused || stopping || waiting.isEmpty()) && held.isSettled();
    }

    int held() {
        return held.size();
    }

    /** How many more parts there is room for whose output did not come in time; none while the processor is left alone. */
    int roomToWake() {
        return paused ? 0 : held.room();
    }

    /** What waits is begun for a beat still, and then left to others. */
    void drain() {
        after(Replica.BEAT, () -> stopping = true);
    }

    /** The name was lost: what is held is another's now, and nothing more of it is begun. */
    void end() {
        ended = true;
        surroundings.events().dropped(flow.flow().name(), held.settled());
        waiting.clear();
        suspects.clear();
        resting.clear();
    }

    private void enqueue(Part part) {
        enqueue(new Work(part, surroundings.nanos().getAsLong(), part.attempts(), 0));
    }

    private void enqueue(Work work) {
        (line(work).isPresent() ? suspects : waiting).add(work);
        processNext();
    }

    private void processNext() {
        while (!paused && !stopping && !ended && !suspects.isEmpty()) {
            Work suspect = suspects.remove();
            line(suspect).orElseThrow().enter(() -> executor.execute(() -> takePlace(suspect)));
        }
        while (!paused && !stopping && !ended && processing < surroundings.concurrency() && !waiting.isEmpty()) {
            processing++;
            begin(waiting.remove());
        }
    }

    /** Where a part waits before its turn, besides the queue of all; the first suspicion is not enough for that. */
    private Optional<Line> line(Work work) {
        int deaths = work.part().deaths();
        return deaths < 2 ? Optional.empty() : Optional.of(deaths == 2 ? few : surroundings.alone());
    }

    /** A place in a line is not kept while the processor is left alone: it may be another flow's turn. */
    private void takePlace(Work suspect) {
        if (ended || paused || stopping) {
            if (!ended) {
                suspects.add(suspect);
            }
            // Not at once: the next in the line would do the same, and so all of it within one call.
            line(suspect).ifPresent(line -> surroundings.timer().accept(SOON, line::leave));
        } else {
            processing++;
            begin(suspect);
        }
    }

    private void begin(Work work) {
        if (!work.part().isSuspect()) {
            process(work);
        } else if (work.part().deaths() > MOST_DEATHS) {
            collate(work, new PartResult.Failure(
                    "given up: " + work.part().deaths() + " replicas died with it, one after the other"));
        } else {
            mark(work, true, this::process);
        }
    }

    private void process(Work work) {
        processed(work).subscribe().with(processed -> executor.execute(() -> after(work, processed)),
                failure -> executor.execute(() -> giveUp(work, failure)));
    }

    /** Goes on with the part under its new entry. Without one it is not ours any more, or found again under that. */
    private void mark(Work work, boolean atWork, Consumer<Work> next) {
        untilAnswered(work, () -> membership.mark(work.part(), atWork), marked -> {
            if (marked.filter(moved -> held.move(work.part(), moved)).isPresent()) {
                next.accept(work.as(marked.get()));
                return;
            }
            if (marked.isEmpty()) {
                held.remove(work.part());
            }
            dropped(work);
            endTurn(work);
            processNext();
        });
    }

    /** A collation ends at its deadline, and this part was accepted before it came to be held here. */
    private Uni<Processed> processed(Work work) {
        Part part = work.part();
        Duration left = left(work);
        if (left.isNegative() || left.isZero()) {
            return Uni.createFrom().item(new Processed.Done(new PartResult.Failure(Collected.DEADLINE)));
        }
        Turn turn = new Turn(new PartId(partition, part.name()), part.body(), work.attempts(), work.turns(), left, tokens);
        Uni<Processed> result = work.attempts() == 0 ? Uni.createFrom().deferred(() -> flow.process(turn))
                : stillAwaited(work).chain(awaited -> awaited ? flow.process(turn) : Uni.createFrom().item(COMPLETED));
        return result.onFailure().recoverWithItem(failure -> {
            LOG.warnf(failure, "%s: part %d of %s failed", part.id().flow(), part.index(), part.id().resource());
            return new Processed.Done(new PartResult.Failure("the processor failed"));
        });
    }

    /** Who was given the part before may have completed it since, by the token, and need not be asked again. */
    private Uni<Boolean> stillAwaited(Work work) {
        return Uni.createFrom().completionStage(() -> store.hasOutput(work.part().name())).map(has -> !has)
                .onFailure(StoreUnavailableException.class).recoverWithItem(true);
    }

    private Duration left(Work work) {
        return flow.flow().times().deadline().minusNanos(surroundings.nanos().getAsLong() - work.since());
    }

    private void after(Work work, Processed processed) {
        if (processed instanceof Processed.Done done) {
            collate(work, done.result());
            return;
        }
        Processed.Later later = (Processed.Later) processed;
        // The place it had in a line is given back as who it was: acquitted, it would have had none.
        Consumer<Work> next = unmarked -> {
            endTurn(work);
            rest(unmarked, later);
        };
        if (work.part().isSuspect()) {
            mark(work, false, next);
        } else {
            next.accept(work);
        }
    }

    private void collate(Work work, PartResult result) {
        // Whose time has run out say so by the thousand, and are told of in their outcome.
        if (result instanceof PartResult.Failure failure && !failure.error().equals(Collected.DEADLINE)) {
            LOG.warnf("part %s failed for good: %s", idOf(work), failure.error());
        }
        untilAnswered(work, () -> membership.collate(flow.flow(), work.part(), result), outcome -> done(work, outcome));
    }

    /** The journal entry is taken out, or moved, once, whichever call does it. */
    private <T> void untilAnswered(Work work, Supplier<CompletionStage<T>> call, Consumer<T> then) {
        Repeating.call(call, uncertain, (answer, failure) -> executor.execute(() -> {
            if (failure == null) {
                then.accept(answer);
            } else {
                giveUp(work, failure);
            }
        }));
    }

    private void rest(Work work, Processed.Later later) {
        surroundings.events().repeated(flow.flow().name());
        if (later.pause()) {
            pause(later.delay());
            Work next = work.after(later.attempts(), work.turns());
            // Who has just lost an attempt to it is not the next to try how it is.
            if (later.attempts() > work.attempts() || line(next).isPresent()) {
                enqueue(next);
            } else {
                waiting.addFirst(next);
            }
        } else {
            Duration left = left(work);
            restFor(later.delay().compareTo(left) < 0 ? later.delay() : left,
                    work.after(later.attempts(), work.turns() + 1));
        }
        processNext();
    }

    private void restFor(Duration wait, Work work) {
        String entry = work.part().entry();
        resting.put(entry, work);
        after(wait, () -> enqueue(resting.remove(entry)));
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
    private void giveUp(Work work, Throwable failure) {
        Part part = work.part();
        if (!(failure instanceof ExpelledException)) {
            LOG.errorf(failure, "%s: part %d of %s could not be collated", part.id().flow(), part.index(),
                    part.id().resource());
            uncertain.run();
            dropped(work);
        }
        letGo(work);
        processNext();
    }

    /** If it is ours all the same it is adopted again. */
    private void dropped(Work work) {
        if (!ended) {
            LOG.debugf("part %s is not held any more", idOf(work));
            surroundings.events().dropped(flow.flow().name(), 1);
        }
    }

    private String idOf(Work work) {
        return new PartId(partition, work.part().name()).text();
    }

    private void letGo(Work work) {
        endTurn(work);
        held.remove(work.part());
    }

    private void endTurn(Work work) {
        processing--;
        line(work).ifPresent(Line::leave);
    }

    private void done(Work work, Collated outcome) {
        if (outcome instanceof Collated.Stuck stuck) {
            LOG.errorf("part %s can neither be collated nor be set aside: %s", idOf(work), stuck.problem());
            endTurn(work);
            restFor(WHEN_STUCK, work);
            processNext();
            return;
        }
        if (outcome instanceof Collated.Broken broken) {
            LOG.errorf("part %s is dead: what is kept of its resource cannot be used: %s", idOf(work), broken.problem());
        }
        outflow.left();
        letGo(work);
        if (!ended) {
            surroundings.events().collated(flow.flow().name(), outcome);
        }
        collated.accept(outcome);
        processNext();
    }
}
