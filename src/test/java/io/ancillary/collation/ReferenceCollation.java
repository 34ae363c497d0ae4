package io.ancillary.collation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Outcome.Collected;
import io.ancillary.collation.Snapshot.State;

/** One life of one resource: which part is new to it, a repeat or a conflict, and when it ends. */
final class ReferenceCollation {
    private final CollationId id;
    private final String generation;
    private final int first;
    private final Instant created;
    private final SortedMap<Integer, String> digests = new TreeMap<>();
    private final SortedMap<Integer, PartResult> results = new TreeMap<>();
    private OptionalInt last = OptionalInt.empty();
    private Instant updated;
    private Optional<Instant> ended = Optional.empty();
    private Optional<ReferenceDelivery> delivery = Optional.empty();
    private Optional<Instant> expires = Optional.empty();

    ReferenceCollation(CollationId id, String generation, int first, Instant now) {
        this.id = id;
        this.generation = generation;
        this.first = first;
        this.created = now;
        this.updated = now;
    }

    CollationId id() {
        return id;
    }

    String generation() {
        return generation;
    }

    int highest() {
        return digests.lastKey();
    }

    Optional<ReferenceDelivery> delivery() {
        return delivery;
    }

    boolean isOpen() {
        return ended.isEmpty();
    }

    /** Why an arrival is not taken; empty when it is new and may be. The first rule that applies decides. */
    Optional<Acceptance> objection(Arrival arrival) {
        int index = arrival.index();
        if (digests.containsKey(index)) {
            boolean same = digests.get(index).equals(arrival.digest());
            return Optional.of(same ? new Acceptance.Repeated() : new Acceptance.Refused(Refusal.CONTENT_CONFLICT));
        }
        if (!isOpen()) {
            return refused(Refusal.RESOURCE_FINISHED);
        }
        if (last.isPresent() && index > last.getAsInt()) {
            return refused(Refusal.INDEX_BEYOND_LAST);
        }
        if (arrival.last() && (last.isPresent() || index < highest())) {
            return refused(Refusal.LAST_CONFLICT);
        }
        return Optional.empty();
    }

    private static Optional<Acceptance> refused(Refusal why) {
        return Optional.of(new Acceptance.Refused(why));
    }

    void take(Arrival arrival, Instant now) {
        digests.put(arrival.index(), arrival.digest());
        if (arrival.last()) {
            last = OptionalInt.of(arrival.index());
        }
        updated = now;
    }

    /** Adds a result, and ends when nothing more can change: every index up to the last one has a result. */
    void add(int index, PartResult result, Instant now) {
        results.put(index, result);
        updated = now;
        if (last.isPresent() && results.size() == last.getAsInt() - first + 1) {
            ended = Optional.of(now);
        }
    }

    ReferenceDelivery deliverAs(String deliveryId) {
        delivery = Optional.of(new ReferenceDelivery(deliveryId, this));
        return delivery.get();
    }

    void expireAt(Instant when) {
        expires = Optional.of(when);
    }

    boolean isExpired(Instant now) {
        return expires.filter(when -> !when.isAfter(now)).isPresent();
    }

    Stream<Integer> missing(int upTo) {
        return IntStream.rangeClosed(first, upTo).filter(index -> !digests.containsKey(index)).boxed();
    }

    Stream<Collected> failures() {
        return collected().stream().filter(one -> one.result() instanceof PartResult.Failure);
    }

    Outcome outcome() {
        return new Outcome(id, state() == State.COMPLETED, first, last.orElse(highest()), collected());
    }

    Snapshot snapshot() {
        int failed = (int) failures().count();
        return new Snapshot(id, generation, state(), first, last, highest(), digests.size(), results.size() - failed,
                failed, created, updated, ended, delivery.map(ReferenceDelivery::asState));
    }

    private State state() {
        if (isOpen()) {
            return State.COLLECTING;
        }
        return failures().findAny().isPresent() ? State.INCOMPLETE : State.COMPLETED;
    }

    private List<Collected> collected() {
        return results.entrySet().stream().map(one -> new Collected(one.getKey(), one.getValue())).toList();
    }
}
