package io.ancillary.collation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.collation.Snapshot.Progress;
import io.ancillary.collation.Snapshot.State;
import io.ancillary.collation.Snapshot.Terms;
import io.ancillary.collation.Snapshot.Times;

/** One life of one resource: which part is new to it, a repeat or a conflict, and when it ends. */
final class ReferenceCollation {
    private final CollationId id;
    private final String generation;
    private final Flow flow;
    private final Instant created;
    private final SortedMap<Integer, String> digests = new TreeMap<>();
    private final SortedMap<Integer, PartResult> results = new TreeMap<>();
    private final SortedMap<Integer, Waiting> waiting = new TreeMap<>();
    private final SortedMap<Integer, Died> dead = new TreeMap<>();
    private final List<PartResult> late = new ArrayList<>();
    private OptionalInt last = OptionalInt.empty();
    private Optional<Instant> lastCame = Optional.empty();
    private Optional<String> callback = Optional.empty();
    private Optional<String> request = Optional.empty();
    private Instant updated;
    private State state = State.COLLECTING;
    private boolean outOfTime;
    private Optional<Instant> ended = Optional.empty();
    private Optional<ReferenceDelivery> delivery = Optional.empty();
    private Optional<Instant> expires = Optional.empty();

    ReferenceCollation(CollationId id, String generation, Flow flow, Instant now) {
        this.id = id;
        this.generation = generation;
        this.flow = flow;
        this.created = now;
        this.updated = now;
    }

    /** A part that is put off. */
    record Waiting(String body, int attempts, Instant until) {
    }

    /** A part that failed and is held for a retry. */
    record Died(String body, Instant at) {
    }

    CollationId id() {
        return id;
    }

    String generation() {
        return generation;
    }

    Membership.Due name() {
        return new Membership.Due(id, generation);
    }

    int highest() {
        return digests.lastKey();
    }

    Optional<ReferenceDelivery> delivery() {
        return delivery;
    }

    Optional<String> callback() {
        return callback;
    }

    boolean isOpen() {
        return ended.isEmpty();
    }

    /** Why an arrival is not taken; empty when it is new and may be. The first rule that applies decides. */
    Optional<Acceptance> objection(Arrival arrival, Instant now) {
        int index = arrival.index();
        if (digests.containsKey(index)) {
            boolean same = digests.get(index).equals(arrival.digest());
            return same ? Optional.of(new Acceptance.Repeated(id.resource())) : refused(Refusal.CONTENT_CONFLICT);
        }
        if (state != State.COLLECTING || isOutOfTime(now) || (last.isPresent() && !due().isAfter(now))) {
            return refused(Refusal.RESOURCE_FINISHED);
        }
        if (last.isPresent() && index > last.getAsInt()) {
            return refused(Refusal.INDEX_BEYOND_LAST);
        }
        if (arrival.last() && (last.isPresent() || index < highest())) {
            return refused(Refusal.LAST_CONFLICT);
        }
        boolean elsewhere = callback.isPresent() && arrival.callback().filter(url -> !callback.get().equals(url)).isPresent();
        return elsewhere ? refused(Refusal.CONTENT_CONFLICT) : Optional.empty();
    }

    private static Optional<Acceptance> refused(Refusal why) {
        return Optional.of(new Acceptance.Refused(why));
    }

    void take(Arrival arrival, Instant now) {
        digests.put(arrival.index(), arrival.digest());
        callback = callback.or(arrival::callback);
        if (arrival.last()) {
            last = OptionalInt.of(arrival.index());
            lastCame = Optional.of(now);
        }
        if (flow.shape().single()) {
            request = Optional.of(arrival.body());
        }
        updated = now;
    }

    Instant deadline() {
        return created.plus(flow.times().deadline());
    }

    /** When somebody should look: at the deadline; sooner while parts are missing though the last one is in. */
    Instant due() {
        Instant deadline = deadline();
        boolean gap = state == State.COLLECTING && last.isPresent() && !isWhole();
        return lastCame.filter(came -> gap).map(came -> came.plus(flow.times().gapTimeout()))
                .filter(closing -> closing.isBefore(deadline)).orElse(deadline);
    }

    /** Whether each index up to the last one was received. */
    private boolean isWhole() {
        return last.isPresent() && digests.size() == last.getAsInt() - flow.shape().firstIndex() + 1;
    }

    /** From its deadline on it takes nothing, whether or not somebody has looked by then. */
    boolean isOutOfTime(Instant now) {
        return !now.isBefore(deadline());
    }

    boolean isSettled() {
        return results.size() == digests.size() && !(flow.shape().hold() && failures().findAny().isPresent());
    }

    /** An output; a failure where that would be too much. */
    PartResult bounded(PartResult result) {
        long limit = flow.limits().outputBytes();
        return bytes(Stream.concat(results.values().stream(), Stream.of(result))) > limit && result instanceof PartResult.Output
                ? new PartResult.Failure("the outputs of all parts together are larger than " + limit + " bytes")
                : result;
    }

    long outputBytes() {
        return bytes(results.values().stream());
    }

    private static long bytes(Stream<PartResult> results) {
        return results.mapToLong(it -> it instanceof PartResult.Output output ? output.json().getBytes(UTF_8).length : 0).sum();
    }

    void park(int index, String body, int attempts, Instant now) {
        waiting.put(index, new Waiting(body, attempts, now.plus(flow.times().completion())));
    }

    /** Held for a retry, where failed parts are. */
    void bury(int index, String body, Instant now) {
        if (flow.shape().hold() && results.get(index) instanceof PartResult.Failure) {
            dead.put(index, new Died(body, now));
        }
    }

    /** Whether the part has this output, or another, or none. */
    Optional<Completion> known(int index, PartResult.Output output) {
        return Optional.ofNullable(results.get(index)).filter(PartResult.Output.class::isInstance)
                .map(it -> it.equals(output) ? new Completion.Repeated() : new Completion.Conflict());
    }

    boolean isPutOffOrDead(int index) {
        return waiting.containsKey(index) || dead.containsKey(index);
    }

    boolean hasOutput(int index) {
        return results.get(index) instanceof PartResult.Output;
    }

    /** Gives the part's body. */
    String takeBack(int index) {
        Waiting put = waiting.remove(index);
        if (put != null) {
            return put.body();
        }
        results.remove(index);
        return dead.remove(index).body();
    }

    boolean hasResult(int index) {
        return results.containsKey(index);
    }

    Optional<Died> dead(int index) {
        return Optional.ofNullable(dead.get(index));
    }

    SortedMap<Integer, Died> dead() {
        return dead;
    }

    SortedMap<Integer, Waiting> waiting() {
        return waiting;
    }

    /** When the time of the first part that is put off is up. */
    Optional<Instant> wakes() {
        return waiting.values().stream().map(Waiting::until).min(Comparator.naturalOrder()).filter(when -> isOpen());
    }

    /** Adds a result, and ends when nothing more can change: all is settled and nothing new may come. */
    void add(int index, PartResult result, Instant now) {
        results.put(index, result);
        updated = now;
        if (isSettled() && (isWhole() || state == State.CLOSING)) {
            end(now);
        }
    }

    void addLate(PartResult result) {
        late.add(result);
    }

    /** An answer of which the caller was told that it is not awaited; only the first is recorded. */
    void addLateAnswer(PartResult result) {
        if (flow.shape().single() && output(late.stream()).isEmpty()) {
            late.add(result);
        }
    }

    void close(Instant now) {
        state = State.CLOSING;
        updated = now;
    }

    void endOutOfTime(Instant now, boolean atDeadline) {
        outOfTime = atDeadline;
        end(now);
    }

    private void end(Instant now) {
        ended = Optional.of(now);
        updated = now;
        boolean completed = isSettled() && isWhole() && failures().findAny().isEmpty();
        state = completed ? State.COMPLETED : State.INCOMPLETE;
        waiting.clear();
        dead.clear();
    }

    ReferenceDelivery deliverAs(String deliveryId) {
        delivery = Optional.of(new ReferenceDelivery(deliveryId, this, ended.orElseThrow()));
        return delivery.get();
    }

    void expireAt(Instant when) {
        expires = Optional.of(when);
    }

    void expireNever() {
        expires = Optional.empty();
    }

    boolean isExpired(Instant now) {
        return expires.filter(when -> !when.isAfter(now)).isPresent();
    }

    Stream<Integer> missing(int upTo) {
        return IntStream.rangeClosed(flow.shape().firstIndex(), upTo).filter(index -> !digests.containsKey(index)).boxed();
    }

    Stream<Collected> failures() {
        return results.entrySet().stream().map(one -> new Collected(one.getKey(), one.getValue()))
                .filter(one -> one.result() instanceof PartResult.Failure);
    }

    /** Outputs in index order, and failures behind them. */
    OutcomePage outcome(int from, int most) {
        List<Collected> all = Stream.concat(results.entrySet().stream().map(one -> new Collected(one.getKey(), one.getValue()))
                .filter(one -> one.result() instanceof PartResult.Output), failures()).toList();
        int to = Math.min(all.size(), from + most);
        return new OutcomePage(snapshot(it -> DeliveryState.begun(it.id())), all.subList(Math.min(from, to), to),
                to < all.size() ? to : OutcomePage.NONE);
    }

    BitSet received() {
        BitSet received = new BitSet();
        digests.keySet().forEach(received::set);
        return received;
    }

    Snapshot snapshot() {
        return snapshot(ReferenceDelivery::asState);
    }

    private Snapshot snapshot(Function<ReferenceDelivery, DeliveryState> way) {
        int failed = (int) failures().count();
        Progress progress = new Progress(flow.shape().firstIndex(), last, highest(), digests.size(),
                results.size() - failed, failed, waiting.size());
        Optional<Ending> ending = ended.map(at -> new Ending(at, outOfTime, output(results.values().stream()), late.size(),
                output(late.stream()), way.apply(delivery.orElseThrow())));
        return new Snapshot(id, generation, state, progress, new Times(created, updated, deadline()),
                new Terms(callback, request), ending);
    }

    /** Kept with the collation only where there is no more than one. */
    private Optional<String> output(Stream<PartResult> given) {
        return given.filter(one -> flow.shape().single() && one instanceof PartResult.Output)
                .map(one -> ((PartResult.Output) one).json()).findFirst();
    }
}
