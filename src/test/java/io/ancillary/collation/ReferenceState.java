package io.ancillary.collation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import io.ancillary.collation.Membership.Due;

/** What one partition holds, as plain collections; the rules stand with those who act on it. */
final class ReferenceState {
    /** How long an idempotency key is remembered, whatever becomes of what it named. */
    private static final Duration KEYS_KEPT = Duration.ofHours(24);

    private final Clock clock;
    private final Map<CollationId, ReferenceCollation> collations = new HashMap<>();
    /** Those that expired, and whose ids live another life. */
    private final List<ReferenceCollation> former = new ArrayList<>();
    /** By when each was created. Rows outlive a collation that expired: the clean-up takes them. */
    final Map<CollationId, Instant> recent = new HashMap<>();
    final Map<Due, Instant> due = new HashMap<>();
    private final Set<Due> missedWakes = new HashSet<>();
    private final Map<String, Used> keys = new HashMap<>();
    final Map<String, Replica> replicas = new LinkedHashMap<>();
    Optional<Integer> partitions = Optional.empty();
    Instant ticked = Instant.EPOCH;
    private long entries;
    private long generations;

    ReferenceState(Clock clock) {
        this.clock = clock;
    }

    /** A name among the replicas, and what is held under it. */
    static final class Replica {
        final List<Part> journal = new ArrayList<>();
        final Set<String> inFlight = new TreeSet<>();
        /** Empty once it has left or was declared dead: nothing revives it. */
        Optional<Instant> beat;
        /** Entries of the journal. */
        final Set<String> atWork = new HashSet<>();
        Optional<Map<String, Integer>> load = Optional.empty();
        boolean given;
        boolean left;

        Replica(Instant now) {
            beat = Optional.of(now);
        }

        boolean isSilent(Instant since) {
            return beat.filter(at -> at.isAfter(since)).isEmpty();
        }
    }

    /** What an idempotency key was first used for. */
    private record Used(String digest, String resource, Instant at) {
    }

    /** The answer to an arrival whose idempotency key was used before. */
    Optional<Acceptance> answered(Flow flow, Arrival arrival) {
        return arrival.idempotencyKey().map(key -> keys.get(flow.name() + ' ' + key))
                .filter(used -> used.at().plus(KEYS_KEPT).isAfter(now()))
                .map(used -> used.digest().equals(arrival.digest()) ? new Acceptance.Repeated(used.resource())
                        : new Acceptance.Refused(Acceptance.Refusal.IDEMPOTENCY_CONFLICT));
    }

    void rememberKey(Flow flow, Arrival arrival) {
        arrival.idempotencyKey().ifPresent(
                key -> keys.put(flow.name() + ' ' + key, new Used(arrival.digest(), arrival.resource(), now())));
    }

    Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    Optional<ReferenceCollation> collation(CollationId id) {
        return Optional.ofNullable(collations.get(id)).filter(it -> !it.isExpired(now()));
    }

    /** An id of our own making names the generation after its partition. */
    ReferenceCollation begin(CollationId id, Flow flow) {
        String generation = flow.shape().single() ? id.resource().replaceFirst("^[^-]*-", "")
                : "generation-" + ++generations;
        ReferenceCollation begun = new ReferenceCollation(id, generation, flow, now());
        Optional.ofNullable(collations.put(id, begun)).ifPresent(former::add);
        recent.put(id, now());
        return begun;
    }

    void remove(ReferenceCollation collation) {
        collations.remove(collation.id());
    }

    String newEntry() {
        return Long.toString(++entries);
    }

    Stream<ReferenceDelivery> pending() {
        return deliveries().filter(ReferenceDelivery::isPending);
    }

    Optional<ReferenceDelivery> pending(String id) {
        return pending().filter(it -> it.id().equals(id)).findAny();
    }

    /** To be delivered, or given up and not cleaned up. */
    long undelivered(String flow) {
        Stream<ReferenceDelivery> ofFormer = former.stream().flatMap(it -> it.delivery().stream());
        return Stream.concat(deliveries(), ofFormer)
                .filter(it -> !it.isDelivered() && it.collation().id().flow().equals(flow))
                .filter(it -> !it.collation().isExpired(now()) || due.containsKey(it.collation().name())).count();
    }

    Stream<ReferenceDelivery> deliveries() {
        return collations.values().stream().flatMap(it -> it.delivery().stream());
    }

    Optional<ReferenceDelivery> delivery(String id) {
        return deliveries().filter(it -> it.id().equals(id) && !it.collation().isExpired(now())).findAny();
    }

    long open(String flow) {
        return collations.values().stream().filter(it -> it.id().flow().equals(flow) && it.isOpen()).count();
    }

    long waiting(String flow) {
        return collations.values().stream().filter(it -> it.id().flow().equals(flow)).mapToInt(it -> it.waiting().size()).sum();
    }

    long dead(String flow) {
        return collations.values().stream().filter(it -> it.id().flow().equals(flow)).mapToInt(it -> it.dead().size()).sum();
    }

    /** Of a collation that is out of time nothing is woken: it is not looked for again. */
    void missWake(Due due) {
        collation(due.id()).filter(it -> it.name().equals(due) && it.isOutOfTime(now()))
                .filter(it -> it.wakes().filter(when -> !when.isAfter(now())).isPresent())
                .ifPresent(it -> missedWakes.add(due));
    }

    /** Collations with parts that are put off, and whose time may come. */
    Stream<ReferenceCollation> wakes() {
        return collations.values().stream().filter(it -> it.wakes().isPresent() && !missedWakes.contains(it.name()));
    }

    Stream<ReferenceCollation> all() {
        return collations.values().stream();
    }

    long journalled(String flow) {
        return replicas.values().stream().flatMap(it -> it.journal.stream()).filter(it -> it.id().flow().equals(flow))
                .count();
    }

    /** Whether anything is under way that another layout would lose. */
    boolean isBusy() {
        return collations.values().stream().anyMatch(ReferenceCollation::isOpen)
                || deliveries().anyMatch(it -> !it.isDelivered())
                || replicas.values().stream().anyMatch(it -> !it.journal.isEmpty());
    }
}
