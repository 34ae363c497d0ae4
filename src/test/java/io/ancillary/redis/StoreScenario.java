package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Completion;
import io.ancillary.collation.DeadPart;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Outcome.Collected;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.redis.Twin.Side;

/**
 * One case: two replicas, few resources, small indices, and chance deciding what they do next. Durations are multiples
 * of five minutes and two beats are not, so that what a case really takes never tips a comparison.
 */
final class StoreScenario {
    private static final int PLENTY = 1000;

    private final Chance chance;
    private final TwinStores stores;
    private final StoreReadings readings;
    private final List<Twin<Membership>> members = new ArrayList<>();
    private final List<Twin<Membership>> former = new ArrayList<>();
    private final Set<String> expelled = new HashSet<>();
    private final List<HeldPart> parts = new ArrayList<>();
    private final List<Twin<Delivery>> deliveries = new ArrayList<>();
    private final Map<String, Integer> endings = new HashMap<>();
    private int names;

    StoreScenario(long seed, TwinStores stores) {
        this.chance = new Chance(seed);
        this.stores = stores;
        this.readings = new StoreReadings(stores);
        members.add(stores.join("r" + ++names, 0));
        members.add(stores.join("r" + ++names, 1));
    }

    void run() {
        int steps = 20 + chance.below(41);
        for (int step = 0; step < steps; step++) {
            step();
        }
        readings.compareEverything(chance, members);
        readings.checkEndings(chance, endings);
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
        } else if (dice < 66) {
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
            drop();
        } else if (dice < 95) {
            retry(anyMember());
        } else {
            look();
        }
    }

    private void accept(int count) {
        Twin<Membership> by = anyMember();
        Flow flow = chance.flow();
        List<Arrival> arrivals = chance.arrivals(flow, count);
        List<Optional<Twin<Acceptance>>> answers = together(name(by) + " accepts " + flow.name() + " ", arrivals,
                (side, arrival) -> by.on(side).accept(flow, arrival), String::valueOf);
        answers.forEach(answer -> answer.ifPresentOrElse(acceptance -> {
            if (acceptance.model() instanceof Acceptance.Accepted) {
                parts.add(new HeldPart(acceptance.map(it -> ((Acceptance.Accepted) it).part()), name(by)));
            }
        }, () -> expelled.add(name(by))));
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
        List<HeldPart> group = Stream.concat(Stream.of(first),
                IntStream.range(1, count).mapToObj(i -> chance.below(4) == 0 ? chance.any(parts) : chance.any(open)))
                .filter(part -> part.first().id().flow().equals(first.first().id().flow()))
                .filter(part -> !readings.isAnothersEntry(by, part.twin(), part.holder())).toList();
        List<PartResult> results = group.stream().map(part -> chance.result(part.flow())).toList();
        List<Optional<Twin<Collated>>> answers = together(name(by) + " collates ", range(group), (side, i) -> by.on(side)
                .collate(group.get(i).flow(), group.get(i).twin().on(side), results.get(i)),
                i -> group.get(i).first() + " as " + results.get(i));
        for (int i = 0; i < group.size(); i++) {
            HeldPart part = group.get(i);
            answers.get(i).ifPresentOrElse(collated -> collated(part, collated), () -> expelled.add(name(by)));
        }
    }

    private void collated(HeldPart part, Twin<Collated> collated) {
        if (!(collated.model() instanceof Collated.Lost)) {
            part.takenOut();
        }
        if (collated.model() instanceof Collated.Ended) {
            ended(collated.map(it -> ((Collated.Ended) it).delivery()));
        }
    }

    private void ended(Twin<Delivery> delivery) {
        deliveries.add(delivery);
        endings.merge(stores.alias(delivery.model().generation()), 1, Integer::sum);
        Outcome outcome = readings.outcome(delivery).orElseThrow().redis();
        List<Integer> indices = outcome.results().stream().map(Collected::index).toList();
        assertThat(indices).as(stores::story).isSorted().doesNotHaveDuplicates()
                .hasSize(outcome.size() - outcome.of().missing());
        assertThat(!outcome.completed() || indices.size() == outcome.size()).as(stores::story).isTrue();
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
        List<HeldPart> group = Stream.concat(Stream.of(first), IntStream.range(1, count).mapToObj(i -> chance.any(deferring)))
                .filter(part -> part.flow().equals(first.flow())).toList();
        List<PartResult.Output> outputs = group.stream().map(part -> chance.output()).toList();
        List<Optional<Twin<Completion>>> answers = together(name(by) + " completes ", range(group), (side, i) -> by.on(side)
                .complete(first.flow(), group.get(i).twin().on(side).name(), outputs.get(i)),
                i -> group.get(i).first() + " as " + outputs.get(i));
        answers.forEach(answer -> answer.ifPresentOrElse(completion -> Twin.present(completion.map(StoreScenario::ended))
                .ifPresent(this::ended), () -> expelled.add(name(by))));
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
            nextMillisecond();
            stores.ask(name(by) + " retries " + part.first(), side -> by.on(side).retry(part.twin().on(side).name()))
                    .ifPresentOrElse(retried -> Twin.present(retried).ifPresent(it -> parts.add(new HeldPart(it, name(by)))),
                            () -> expelled.add(name(by)));
        }
    }

    private void settle(int count) {
        if (deliveries.isEmpty()) {
            collate(1);
            return;
        }
        Twin<Membership> by = anyMember();
        List<Twin<Delivery>> group = IntStream.range(0, count).mapToObj(i -> chance.any(deliveries)).toList();
        List<Settlement> settlements = group.stream().map(delivery -> chance.settlement()).toList();
        together(name(by) + " settles ", range(group),
                (side, i) -> by.on(side).settle(group.get(i).on(side), settlements.get(i)),
                i -> group.get(i).model().id() + " as " + settlements.get(i));
    }

    private void claim() {
        Twin<Membership> by = anyMember();
        List<Twin<Delivery>> wanted = deliveries.stream().filter(it -> chance.below(3) > 0).distinct().toList();
        List<String> ids = wanted.stream().map(it -> it.model().id()).toList();
        stores.ask(name(by) + " claims " + ids,
                side -> by.on(side).claim(wanted.stream().map(it -> it.on(side).id()).toList())
                        .thenApply(claimed -> stores.aliases(side).ids(claimed)));
    }

    private void tick(Twin<Membership> by) {
        Optional<Twin<Membership.Findings>> findings = stores.ask(name(by) + " ticks", side -> by.on(side).tick(PLENTY));
        findings.ifPresentOrElse(found -> {
            wake(by, found.map(Membership.Findings::overdue));
            expire(by, found.map(Membership.Findings::dueCollations));
        }, () -> expelled.add(name(by)));
    }

    /** What was found, and now and then what was not. */
    private void wake(Twin<Membership> by, Twin<List<Due>> found) {
        parts.stream().map(HeldPart::due).distinct()
                .filter(it -> found.model().contains(it.model()) ? chance.below(4) > 0 : chance.below(12) == 0).toList()
                .forEach(it -> stores.ask(name(by) + " wakes parts of " + it.model(),
                        side -> by.on(side).wake(it.on(side), PLENTY).thenApply(stores.aliases(side)::inOrder)).ifPresentOrElse(
                                woken -> IntStream
                                        .range(0, woken.model().size())
                                        .forEach(i -> parts.add(new HeldPart(woken.map(list -> list.get(i)), name(by)))),
                                () -> expelled.add(name(by))));
    }

    /** What was found, and now and then what was not. */
    private void expire(Twin<Membership> by, Twin<List<Due>> found) {
        List<Twin<Due>> all = parts.stream().map(HeldPart::due).distinct()
                .filter(it -> found.model().contains(it.model()) ? chance.below(4) > 0 : chance.below(12) == 0).toList();
        all.forEach(it -> stores.ask(name(by) + " expires " + it.model(), side -> by.on(side).expire(it.on(side)))
                .ifPresentOrElse(delivery -> {
                    if (delivery.model().isPresent()) {
                        ended(delivery.map(Optional::get));
                    }
                }, () -> expelled.add(name(by))));
    }

    private void changeHands() {
        int slot = chance.below(2);
        Twin<Membership> one = members.get(slot);
        Twin<Membership> other = members.get(1 - slot);
        if (expelled.contains(name(one))) {
            former.add(one);
            members.set(slot, stores.join("r" + ++names, slot));
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

    /** Beats on for as long as a lease, while everybody else is silent. */
    private void outlive(Twin<Membership> survivor) {
        tick(survivor);
        stores.advance(Duration.ofMinutes(10));
        tick(survivor);
        stores.advance(Duration.ofMinutes(10));
        tick(survivor);
    }

    private void takeOver(Twin<Membership> by, Twin<Membership> silent) {
        int limit = chance.pick(1, 2, 100);
        stores.ask(name(by) + " takes " + name(silent) + " over, " + limit + " at a time",
                side -> by.on(side).takeOver(name(silent), limit)).ifPresentOrElse(done -> {
                }, () -> expelled.add(name(by)));
        readings.journal(by).stream().filter(part -> parts.stream().noneMatch(it -> it.isSame(part)))
                .forEach(part -> parts.add(new HeldPart(part, name(by))));
    }

    private void drop() {
        CollationId id = anyResource();
        stores.ask("drop " + id, side -> stores.store(side).drop(id));
    }

    private void look() {
        Twin<Membership> by = anyMember();
        switch (chance.below(5)) {
            case 4 -> stores.ask("dead parts", side -> stores.store(side).deadParts(DeadPart.Place.START, PLENTY)
                    .thenApply(HashSet::new));
            case 0 -> readings.collation(anyResource());
            case 1 -> readings.journal(by);
            case 2 -> readings.newest(Chance.PACKETS.name(), 1 + chance.below(3));
            default -> deliveries.stream().limit(3).forEach(delivery -> {
                readings.outcome(delivery);
                readings.pending(delivery);
                stores.ask(name(by) + " releases " + delivery.model().id(),
                        side -> by.on(side).release(delivery.on(side).id()));
            });
        }
    }

    private CollationId anyResource() {
        Flow flow = chance.flow();
        List<String> resources = chance.resources(flow);
        return new CollationId(flow.name(), resources.isEmpty() ? "none" : chance.any(resources));
    }

    private <I, T> List<Optional<Twin<T>>> together(String what, List<I> items, SideCall<I, T> call,
            Function<I, String> told) {
        List<Function<Side, CompletionStage<T>>> calls = items.stream()
                .<Function<Side, CompletionStage<T>>> map(item -> side -> call.of(side, item)).toList();
        return stores.askTogether(what + items.stream().map(told).toList(), calls);
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

    private static List<Integer> range(List<?> list) {
        return IntStream.range(0, list.size()).boxed().toList();
    }
}
