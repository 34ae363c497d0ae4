package io.ancillary.collation;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import java.time.Clock;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

import io.ancillary.collation.ReferenceState.Replica;

/**
 * What a store must do, in plain rules over plain collections: the oracle of the property tests, and a store for tests
 * that need none on disk. It answers at once and on the caller's thread; one thread may use it.
 */
public final class ReferenceStore implements CollationStore {
    private static final Comparator<Position> NEWEST_FIRST = (a, b) -> a.equals(b) ? 0 : a.isAfter(b) ? 1 : -1;

    /** So small that tests turn pages. */
    private static final int PAGE = 3;

    private final ReferenceState state;
    private final StoreSettings settings;

    public ReferenceStore(Clock clock, StoreSettings settings) {
        this(new ReferenceState(clock), settings);
    }

    private ReferenceStore(ReferenceState state, StoreSettings settings) {
        this.state = state;
        this.settings = settings;
    }

    /** Another replica's view of the same partition. */
    public ReferenceStore sharing(StoreSettings others) {
        return new ReferenceStore(state, others);
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public Executor afterThis() {
        return Runnable::run;
    }

    /** Nothing lies between it and who asks. */
    @Override
    public long connections() {
        return 1;
    }

    /** The number of partitions may change only while nobody works here and nothing is open or undelivered. */
    @Override
    public CompletionStage<Membership> join(String replica) {
        Instant since = state.now().minus(settings.lease());
        boolean live = state.replicas.values().stream().anyMatch(it -> !it.isSilent(since));
        boolean other = state.partitions.filter(kept -> kept != settings.partitions()).isPresent();
        if (other && (live || state.isBusy())) {
            return failedFuture(new FormatMismatchException("laid out for " + state.partitions.get() + " partitions"));
        }
        state.partitions = Optional.of(settings.partitions());
        state.replicas.put(replica, new Replica(state.now()));
        return completedFuture(new ReferenceMembership(replica, state, settings));
    }

    @Override
    public CompletionStage<Optional<Snapshot>> find(CollationId id) {
        return completedFuture(state.collation(id).map(ReferenceCollation::snapshot));
    }

    @Override
    public CompletionStage<List<Integer>> missing(Snapshot of, int limit) {
        return completedFuture(state.collation(of.id()).stream().flatMap(it -> it.missing(of.upTo())).limit(limit).toList());
    }

    @Override
    public CompletionStage<List<Collected>> failures(Snapshot of, int limit) {
        return completedFuture(
                state.collation(of.id()).stream().flatMap(ReferenceCollation::failures).limit(limit).toList());
    }

    @Override
    public CompletionStage<Optional<Delivery>> pending(String deliveryId) {
        return completedFuture(state.pending(deliveryId).map(ReferenceDelivery::asDelivery));
    }

    @Override
    public CompletionStage<BitSet> received(Snapshot of) {
        return completedFuture(state.collation(of.id()).map(ReferenceCollation::received).orElseGet(BitSet::new));
    }

    @Override
    public CompletionStage<Optional<OutcomePage>> outcome(Delivery delivery, int from) {
        return completedFuture(state.collation(delivery.collation())
                .filter(it -> it.generation().equals(delivery.generation()) && !it.isOpen())
                .map(it -> it.outcome(from, PAGE)));
    }

    @Override
    public CompletionStage<Optional<Snapshot>> delivered(String deliveryId) {
        return completedFuture(state.delivery(deliveryId).map(it -> it.collation().snapshot()));
    }

    @Override
    public CompletionStage<List<LoggedAttempt>> attempts(String deliveryId) {
        return completedFuture(state.delivery(deliveryId).map(ReferenceDelivery::log).orElse(List.of()));
    }

    /** All in one page: how places are written down is each store's own business. */
    @Override
    public CompletionStage<DeliveryPage> deliveries(DeliveryStatus status, List<String> flows, String after, int limit) {
        return completedFuture(new DeliveryPage(state.deliveries().filter(it -> switch (status) {
            case ANY -> true;
            case PENDING -> it.isPending();
            case DELIVERED -> it.isDelivered();
            case DEAD -> it.isDead();
        }).filter(it -> flows.contains(it.collation().id().flow()) && !it.collation().isExpired(state.now()))
                .map(it -> new DeliveryRow(it.collation().snapshot(), "")).toList(), 0, Optional.empty()));
    }

    @Override
    public CompletionStage<Redelivery> redeliver(String deliveryId, DeliveryStatus from) {
        return completedFuture(state.delivery(deliveryId).map(it -> {
            boolean other = from != DeliveryStatus.ANY && !it.asState().status().equalsIgnoreCase(from.name());
            boolean untried = from == DeliveryStatus.PENDING && it.asDelivery().attempts() == 0;
            if (other || untried || !it.beginAgain(state.now())) {
                return Redelivery.UNCHANGED;
            }
            state.due.remove(it.collation().name());
            it.collation().expireNever();
            return Redelivery.BEGUN;
        }).orElse(Redelivery.GONE));
    }

    @Override
    public CompletionStage<List<Listed>> newest(String flow, Position after, int limit) {
        return completedFuture(rows(flow).filter(row -> row.isAfter(after)).sorted(NEWEST_FIRST).limit(limit)
                .map(row -> new Listed(row,
                        state.collation(new CollationId(flow, row.resource())).map(ReferenceCollation::snapshot)))
                .toList());
    }

    private Stream<Position> rows(String flow) {
        return state.recent.entrySet().stream().filter(row -> row.getKey().flow().equals(flow))
                .map(row -> new Position(row.getValue().toEpochMilli(), row.getKey().resource()));
    }

    @Override
    public CompletionStage<Integer> count(String flow) {
        return completedFuture((int) rows(flow).count());
    }

    /** Those of the collation one of whose parts died last come first, and of one collation those that died last. */
    @Override
    public CompletionStage<List<DeadPart>> deadParts(DeadPart.Place after, int limit) {
        Comparator<DeadPart.Place> order = Comparator.comparing(DeadPart.Place::collationMillis)
                .thenComparing(DeadPart.Place::collation).thenComparing(DeadPart.Place::failedMillis)
                .thenComparing(place -> String.valueOf(place.index())).reversed();
        return completedFuture(state.all().flatMap(ReferenceStore::deadOf)
                .sorted(Comparator.comparing(DeadPart::place, order))
                .filter(part -> after.equals(DeadPart.Place.START) || order.compare(part.place(), after) > 0)
                .limit(limit).toList());
    }

    private static Stream<DeadPart> deadOf(ReferenceCollation of) {
        long last = of.dead().values().stream().mapToLong(it -> it.at().toEpochMilli()).max().orElse(0);
        String name = of.id().flow() + " " + of.generation() + " " + of.id().resource();
        return of.failures().filter(failed -> of.dead(failed.index()).isPresent())
                .map(failed -> new DeadPart(new PartName(of.id(), of.generation(), failed.index()),
                        ((PartResult.Failure) failed.result()).error(), new DeadPart.Place(last, name,
                                of.dead(failed.index()).orElseThrow().at().toEpochMilli(), failed.index())));
    }

    @Override
    public CompletionStage<Boolean> hasOutput(PartName part) {
        return completedFuture(state.collation(part.id()).filter(it -> it.hasOutput(part.index())).isPresent());
    }

    /** Its parts stay in their journals: when they are collated they find no resource of their generation. */
    @Override
    public CompletionStage<Boolean> drop(CollationId id) {
        Optional<ReferenceCollation> found = state.collation(id);
        found.ifPresent(it -> {
            state.remove(it);
            state.recent.remove(id);
            state.due.remove(it.name());
        });
        return completedFuture(found.isPresent());
    }

    /** What a store may keep as counters: parts in journals, open collations, outcomes not delivered. */
    public Map<String, Long> counts(String flow) {
        return Map.of("journal", state.journalled(flow), "open", state.open(flow), "undelivered", state.undelivered(flow),
                "waiting", state.waiting(flow), "dead", state.dead(flow));
    }
}
