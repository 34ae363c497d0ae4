package io.ancillary.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Completion;
import io.ancillary.collation.DeadPart;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Membership.Findings;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Redelivery;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.Snapshot;
import io.ancillary.redis.Twin.Side;

/**
 * One case: two replicas, few resources, small indices, and chance deciding what they do next and what they hear of it.
 * Durations are multiples
 * of five minutes and two beats are not, so that what a case really takes never tips a comparison.
 */
final class StoreScenario {
    private static final int PLENTY = 1000;

    private final Chance chance;
    private final TwinStores stores;
    private final StoreReadings readings;
    private final BadLine line;
    private final Ledger ledger;
    private final List<Twin<Membership>> members = new ArrayList<>();
    private final List<Twin<Membership>> former = new ArrayList<>();
    private final Set<String> expelled = new HashSet<>();
    private final List<HeldPart> parts = new ArrayList<>();
    private final List<Twin<Delivery>> deliveries = new ArrayList<>();
    /** Who may have done what it was not told. */
    private final Set<String> uncertain = new HashSet<>();
    private int names;

    StoreScenario(long seed, TwinStores stores) {
        this.chance = new Chance(seed);
        this.stores = stores;
        this.readings = new StoreReadings(stores);
        this.line = new BadLine(chance, stores);
        this.ledger = new Ledger(stores);
        members.add(stores.join("r" + ++names, 0));
        members.add(stores.join("r" + ++names, 1));
    }

    void run() {
        int steps = 20 + chance.below(41);
        for (int step = 0; step < steps; step++) {
            if (line.isHolding() && chance.below(6) == 0) {
                line.letOneThrough();
            }
            step();
        }
        readings.compareEverything(chance, members, ledger);
        line.letAllThrough();
        new StoreDrain(chance, stores, readings, ledger).run();
    }

    private void step() {
        int dice = chance.below(100);
        if (dice < 27) {
            accept(1);
        } else if (dice < 34) {
            accept(2 + chance.below(5));
        } else if (dice < 56) {
            collate(1);
        } else if (dice < 62) {
            collate(2 + chance.below(5));
        } else if (dice < 67) {
            complete(1 + chance.below(dice < 65 ? 1 : 4));
        } else if (dice < 72) {
            settle(1 + chance.below(dice < 70 ? 1 : 3));
        } else if (dice < 76) {
            claim();
        } else if (dice < 80) {
            tick(anyMember());
        } else if (dice < 85) {
            stores.advance(Duration.ofMinutes(chance.below(12) == 0 ? 24 * 60 : chance.pick(5, 5, 10, 15, 30, 95)));
        } else if (dice < 91) {
            changeHands();
        } else if (dice < 92) {
            if (chance.below(3) == 0) {
                drop();
            } else {
                redeliver();
            }
        } else if (dice < 94) {
            retry(anyMember());
        } else if (dice < 96) {
            mark();
        } else if (dice < 98) {
            share();
        } else {
            look();
        }
    }

    private void accept(int count) {
        Twin<Membership> by = anyMember();
        Flow flow = chance.flow();
        List<Arrival> arrivals = chance.arrivals(flow, count);
        send(together(by, "accepts " + flow.name(), arrivals, (side, arrival) -> by.on(side).accept(flow, arrival),
                (i, answer) -> accepted(answer).ifPresent(part -> ledger.accepted(part.redis())),
                (i, answer) -> accepted(answer).ifPresent(part -> hold(part, by))));
    }

    private static Optional<Twin<Part>> accepted(Twin<Acceptance> answer) {
        return answer.model() instanceof Acceptance.Accepted
                ? Optional.of(answer.map(it -> ((Acceptance.Accepted) it).part()))
                : Optional.empty();
    }

    private void hold(Twin<Part> part, Twin<Membership> by) {
        parts.add(new HeldPart(part, name(by)));
    }

    /** Mostly what its holder has not collated yet; else anything by anybody, also twice. */
    private void collate(int count) {
        List<HeldPart> open = parts.stream().filter(part -> !part.isCollated()).toList();
        if (open.isEmpty()) {
            accept(1);
            return;
        }
        HeldPart first = chance.below(6) == 0 ? chance.any(parts) : chance.any(open);
        Twin<Membership> by = chance.below(8) == 0 ? anyMember() : holder(first);
        List<Work> work = Stream.concat(Stream.of(first),
                IntStream.range(1, count).mapToObj(i -> chance.below(4) == 0 ? chance.any(parts) : chance.any(open)))
                .filter(part -> part.flow().equals(first.flow())).map(part -> new Work(part, chance.result(part.flow())))
                .toList().stream()
                .filter(it -> !readings.isAnothersEntry(by, it.part().twin(), it.part().holder())).toList();
        Call<Collated> call = together(by, "collates", work,
                (side, one) -> by.on(side).collate(one.part().flow(), one.part().twin().on(side), one.result()),
                (i, collated) -> ended(collated).ifPresent(this::note),
                (i, collated) -> {
                    if (!(collated.model() instanceof Collated.Lost)) {
                        work.get(i).part().takenOut();
                    }
                    ended(collated).ifPresent(deliveries::add);
                });
        if (work.stream().allMatch(it -> it.part().holder().equals(name(by)))) {
            send(call);
        } else {
            // Later, an entry of its own may be called the same.
            learn(call, line.carryOut(call));
        }
    }

    private record Work(HeldPart part, PartResult result) {
        @Override
        public String toString() {
            return part.first() + " as " + result;
        }
    }

    private static Optional<Twin<Delivery>> ended(Twin<Collated> collated) {
        return Twin.present(collated
                .map(it -> it instanceof Collated.Ended ended ? Optional.of(ended.delivery()) : Optional.empty()));
    }

    /** Whoever is told of it: it has ended. */
    private void note(Twin<Delivery> ended) {
        ledger.ended(ended.redis(), readings.outcome(ended).orElseThrow().redis());
    }

    /** Whether or not it was put off: it may be before, after, or instead. */
    private void complete(int count) {
        List<HeldPart> deferring = parts.stream().filter(part -> part.flow().shape().keepsPartsAside()).toList();
        if (deferring.isEmpty()) {
            accept(1);
            return;
        }
        Twin<Membership> by = anyMember();
        HeldPart first = chance.any(deferring);
        List<Work> work = Stream.concat(Stream.of(first), IntStream.range(1, count).mapToObj(i -> chance.any(deferring)))
                .filter(part -> part.flow().equals(first.flow())).map(part -> new Work(part, chance.output())).toList();
        send(together(by, "completes", work,
                (side, one) -> by.on(side).complete(first.flow(), one.part().twin().on(side).name(),
                        (PartResult.Output) one.result()),
                (i, completion) -> Twin.present(completion.map(StoreScenario::ended)).ifPresent(this::note),
                (i, completion) -> Twin.present(completion.map(StoreScenario::ended)).ifPresent(deliveries::add)));
    }

    private static Optional<Delivery> ended(Completion completion) {
        if (completion instanceof Completion.Taken taken) {
            return taken.delivery();
        }
        return completion instanceof Completion.TooLarge tooLarge ? tooLarge.delivery() : Optional.empty();
    }

    /** Entries are called by the millisecond: in another journal one of the same would look like the one before. */
    private static void nextMillisecond() {
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() <= now + 1) {
            Thread.onSpinWait();
        }
    }

    private void retry(Twin<Membership> by) {
        if (!parts.isEmpty()) {
            HeldPart part = chance.any(parts);
            send(one(by, "retries " + part.first(), side -> {
                nextMillisecond();
                return by.on(side).retry(part.twin().on(side).name());
            }, Call.nothing(), retried -> Twin.present(retried).ifPresent(it -> hold(it, by))));
        }
    }

    /** Some are worked on when their holder dies. */
    private void mark() {
        if (!parts.isEmpty()) {
            HeldPart part = chance.any(parts);
            boolean atWork = chance.below(3) > 0;
            Twin<Membership> by = holder(part);
            send(one(by, "marks " + part.first() + ", at work: " + atWork,
                    side -> by.on(side).mark(part.twin().on(side), atWork), Call.nothing(),
                    marked -> Twin.present(marked).ifPresent(it -> hold(it, by))));
        }
    }

    private void share() {
        Twin<Membership> by = chance.any(members);
        Twin<Membership> other = chance.any(members);
        List<Twin<Part>> some = parts.stream().filter(it -> it.holder().equals(name(by)) && chance.below(3) == 0)
                .map(HeldPart::twin).toList();
        if (!by.equals(other) && !some.isEmpty()) {
            send(one(by, "gives " + name(other) + " " + some.stream().map(Twin::model).toList(),
                    side -> by.on(side).give(name(other), some.stream().map(it -> it.on(side)).toList()), Call.nothing(),
                    given -> {
                    }));
        }
        send(one(other, "compares", side -> other.on(side).compare(Map.of("packets", some.size())), Call.nothing(),
                comparison -> {
                    if (comparison.model().given()) {
                        resync(other);
                    }
                }));
    }

    private void settle(int count) {
        if (deliveries.isEmpty()) {
            collate(1);
            return;
        }
        Twin<Membership> by = anyMember();
        List<Attempt> attempts = IntStream.range(0, count)
                .mapToObj(i -> new Attempt(chance.any(deliveries), chance.settlement())).toList();
        send(together(by, "settles", attempts,
                (side, attempt) -> by.on(side).settle(attempt.delivery().on(side), attempt.settlement()),
                (i, settled) -> {
                    if (settled.redis() && attempts.get(i).settlement() instanceof Settlement.Delivered) {
                        ledger.delivered(attempts.get(i).delivery().redis());
                    } else if (settled.redis() && isDead(attempts.get(i).delivery())) {
                        ledger.died(attempts.get(i).delivery().redis());
                    }
                }, Call.nothing()).whenever());
    }

    private boolean isDead(Twin<Delivery> delivery) {
        return readings.delivered(delivery).flatMap(it -> it.redis().ending())
                .filter(it -> it.delivery().status().equals("dead")).isPresent();
    }

    private record Attempt(Twin<Delivery> delivery, Settlement settlement) {
        @Override
        public String toString() {
            return delivery.model().id() + " as " + settlement;
        }
    }

    private void claim() {
        Twin<Membership> by = anyMember();
        List<Twin<Delivery>> wanted = deliveries.stream().filter(it -> chance.below(3) > 0).distinct().toList();
        List<String> ids = wanted.stream().map(it -> it.model().id()).toList();
        send(one(by, "claims " + ids,
                side -> by.on(side).claim(wanted.stream().map(it -> it.on(side).id()).toList())
                        .thenApply(claimed -> stores.aliases(side).ids(claimed)),
                Call.nothing(), claimed -> {
                }));
    }

    /** Who may have done what nobody told it looks for it, until nothing can come of it any more. */
    private void tick(Twin<Membership> by) {
        send(one(by, "ticks", side -> by.on(side).tick(PLENTY), Call.nothing(), found -> {
            expire(by, found.map(Findings::dueCollations));
            wake(by, found.map(Findings::overdue));
            if (uncertain.contains(name(by))) {
                resync(by);
            }
        }).whenever());
    }

    /** What was found, and now and then what was not. */
    private void wake(Twin<Membership> by, Twin<List<Due>> found) {
        among(found).forEach(it -> send(one(by, "wakes parts of " + it.model(),
                side -> by.on(side).wake(it.on(side), PLENTY).thenApply(stores.aliases(side)::inOrder),
                Call.nothing(), woken -> Twin.each(woken).forEach(part -> hold(part, by)))));
    }

    /** What was found, and now and then what was not. */
    private void expire(Twin<Membership> by, Twin<List<Due>> found) {
        among(found).forEach(it -> send(one(by, "expires " + it.model(), side -> by.on(side).expire(it.on(side)),
                (i, delivery) -> Twin.present(delivery).ifPresent(this::note),
                delivery -> Twin.present(delivery).ifPresent(deliveries::add))));
    }

    private List<Twin<Due>> among(Twin<List<Due>> found) {
        return parts.stream().map(HeldPart::due).distinct()
                .filter(it -> found.model().contains(it.model()) ? chance.below(4) > 0 : chance.below(12) == 0).toList();
    }

    private void changeHands() {
        int slot = chance.below(2);
        Twin<Membership> one = members.get(slot);
        Twin<Membership> other = members.get(1 - slot);
        if (expelled.contains(name(one))) {
            replace(slot);
        } else if (chance.below(4) == 0) {
            stores.ask(name(one) + " leaves", side -> one.on(side).leave());
            expelled.add(name(one));
        } else {
            if (chance.below(3) > 0) {
                outlive(other);
            }
            takeOver(other, former.isEmpty() || chance.below(3) > 0 ? one : chance.any(former));
        }
    }

    private Twin<Membership> replace(int slot) {
        former.add(members.get(slot));
        members.set(slot, stores.join("r" + ++names, slot));
        return members.get(slot);
    }

    /** Beats on for as long as a lease, while everybody else is silent. */
    private void outlive(Twin<Membership> survivor) {
        tick(survivor);
        stores.advance(Duration.ofMinutes(10));
        tick(survivor);
        stores.advance(Duration.ofMinutes(10));
        tick(survivor);
    }

    /** A page after another. Between two, others do something, or it dies: then who comes after it takes both over. */
    private void takeOver(Twin<Membership> by, Twin<Membership> silent) {
        int few = chance.pick(1, 2, PLENTY);
        int limit = readings.isInOneOrder(silent) ? few : PLENTY;
        while (takesPage(by, silent, limit)) {
            int dice = chance.below(8);
            if (dice == 0 && members.contains(by)) {
                Twin<Membership> next = replace(members.indexOf(by));
                outlive(next);
                takeOver(next, silent);
                takeOver(next, by);
                return;
            } else if (dice < 3) {
                step();
            } else if (dice < 5) {
                return;
            }
        }
    }

    /** Whether it was told that there are more. */
    private boolean takesPage(Twin<Membership> by, Twin<Membership> silent, int limit) {
        AtomicBoolean more = new AtomicBoolean();
        send(one(by, "takes " + name(silent) + " over, " + limit + " at a time",
                side -> by.on(side).takeOver(name(silent), limit), Call.nothing(), done -> {
                    more.set(!done.model());
                    adoptJournal(by);
                }));
        return more.get();
    }

    /** As a replica does; one that gets no answer does not know what it did, and mostly tries again. */
    private <T> void send(Call<T> call) {
        line.send(call).ifPresentOrElse(answers -> learn(call, answers), () -> {
            uncertain.add(call.sender());
            switch (chance.below(4)) {
                case 0, 1 -> send(call);
                case 2 -> resync(call.by());
                default -> stores.tell(call.sender() + " leaves it at that");
            }
        });
    }

    private <T> void learn(Call<T> call, List<Optional<Twin<T>>> answers) {
        for (int i = 0; i < answers.size(); i++) {
            int item = i;
            answers.get(i).ifPresentOrElse(answer -> call.learnt().accept(item, answer), () -> expelled.add(call.sender()));
        }
    }

    /** Reads its own journal and deliveries and adopts what it did not know of. */
    private void resync(Twin<Membership> by) {
        adoptJournal(by);
        readings.inFlight(by).stream()
                .filter(found -> deliveries.stream().noneMatch(it -> it.model().id().equals(found.model().id())))
                .forEach(deliveries::add);
        if (!line.isHoldingOf(name(by))) {
            uncertain.remove(name(by));
        }
    }

    private void adoptJournal(Twin<Membership> by) {
        readings.journal(by).stream().filter(part -> parts.stream().noneMatch(it -> it.isSame(part)))
                .forEach(part -> hold(part, by));
    }

    private void drop() {
        CollationId id = anyResource();
        Optional<Twin<Snapshot>> found = readings.collation(id);
        stores.ask("drop " + id, side -> stores.store(side).drop(id));
        found.ifPresent(snapshot -> ledger.dropped(snapshot.redis().generation()));
    }

    private void redeliver() {
        if (!deliveries.isEmpty()) {
            Twin<Delivery> delivery = chance.any(deliveries);
            Optional<Twin<Snapshot>> before = readings.delivered(delivery);
            DeliveryStatus from = chance.pick(DeliveryStatus.ANY, DeliveryStatus.ANY, DeliveryStatus.DEAD);
            Redelivery done = stores.ask("redeliver " + delivery.model().id() + " from " + from,
                    side -> stores.store(side).redeliver(delivery.on(side).id(), from)).orElseThrow().redis();
            if (done == Redelivery.BEGUN) {
                ledger.begunAgain(delivery.redis().generation(), before.orElseThrow().redis().isDelivered());
            }
        }
    }

    private void look() {
        Twin<Membership> by = anyMember();
        switch (chance.below(6)) {
            case 4 -> stores.ask("dead parts", side -> stores.store(side).deadParts(DeadPart.Place.START, PLENTY)
                    .thenApply(HashSet::new));
            case 0 -> readings.collation(anyResource());
            case 1 -> readings.journal(by);
            case 2 -> readings.newest(Chance.PACKETS.name(), 1 + chance.below(3));
            case 5 -> readings.deliveries(chance.pick(DeliveryStatus.values()), 1 + chance.below(4));
            default -> deliveries.stream().limit(3).forEach(delivery -> {
                readings.outcome(delivery);
                readings.delivered(delivery);
                if (!readings.isPending(delivery)) {
                    stores.ask(name(by) + " releases " + delivery.model().id(),
                            side -> by.on(side).release(delivery.on(side).id()));
                }
            });
        }
    }

    private CollationId anyResource() {
        Flow flow = chance.flow();
        List<String> resources = chance.resources(flow);
        return new CollationId(flow.name(), resources.isEmpty() ? "none" : chance.any(resources));
    }

    private static <T> Call<T> one(Twin<Membership> by, String what, Function<Side, CompletionStage<T>> item,
            BiConsumer<Integer, Twin<T>> witnessed, Consumer<Twin<T>> learnt) {
        return new Call<>(by, name(by) + " " + what, true, List.of(item), witnessed, (i, answer) -> learnt.accept(answer));
    }

    private static <I, T> Call<T> together(Twin<Membership> by, String what, List<I> items, SideCall<I, T> call,
            BiConsumer<Integer, Twin<T>> witnessed, BiConsumer<Integer, Twin<T>> learnt) {
        return new Call<>(by, name(by) + " " + what + " " + items, true, items.stream()
                .<Function<Side, CompletionStage<T>>> map(item -> side -> call.of(side, item)).toList(), witnessed, learnt);
    }

    private interface SideCall<I, T> {
        CompletionStage<T> of(Side side, I item);
    }

    private Twin<Membership> anyMember() {
        return former.isEmpty() || chance.below(12) > 0 ? chance.any(members) : chance.any(former);
    }

    private Twin<Membership> holder(HeldPart part) {
        return Stream.concat(members.stream(), former.stream()).filter(it -> name(it).equals(part.holder())).findAny()
                .orElseThrow();
    }

    private static String name(Twin<Membership> member) {
        return member.model().replica();
    }
}
