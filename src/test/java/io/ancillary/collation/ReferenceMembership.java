package io.ancillary.collation;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.ReferenceState.Replica;

/** What a live replica may do. */
final class ReferenceMembership implements Membership {
    /** How much later than the clean-up a delivered collation goes by itself. */
    private static final Duration BACKSTOP = Duration.ofHours(1);

    private final String name;
    private final ReferenceState state;
    private final StoreSettings settings;

    ReferenceMembership(String name, ReferenceState state, StoreSettings settings) {
        this.name = name;
        this.state = state;
        this.settings = settings;
    }

    @Override
    public String replica() {
        return name;
    }

    @Override
    public String secret() {
        return "secret";
    }

    /** It answers at once. */
    @Override
    public boolean isCrowded(Flow flow, boolean late) {
        return false;
    }

    /** A repeat is told before anything else; only what is new counts against the capacities. */
    @Override
    public CompletionStage<Acceptance> accept(Flow flow, Arrival arrival) {
        return unlessExpelled(me -> {
            CollationId id = new CollationId(flow.name(), arrival.resource());
            Optional<ReferenceCollation> known = state.collation(id);
            Optional<Acceptance> answer = state.answered(flow, arrival)
                    .or(() -> known.flatMap(it -> it.objection(arrival, state.now())))
                    .or(() -> refusal(flow, arrival, known).map(Acceptance.Refused::new));
            if (answer.isPresent()) {
                return answer.get();
            }
            ReferenceCollation collation = known.orElseGet(() -> state.begin(id, flow));
            collation.take(arrival, state.now());
            state.due.put(collation.name(), collation.due());
            state.rememberKey(flow, arrival);
            Part part = new Part(state.newEntry(), id, collation.generation(), arrival.index(), 0, 0, arrival.body());
            me.journal.add(part);
            return new Acceptance.Accepted(part);
        });
    }

    private Optional<Refusal> refusal(Flow flow, Arrival arrival, Optional<ReferenceCollation> known) {
        boolean addressed = arrival.callback().or(() -> known.flatMap(ReferenceCollation::callback)).isPresent();
        if (flow.shape().callbackRequired() && !addressed) {
            return Optional.of(Refusal.NO_WEBHOOK);
        }
        int reserve = known.isEmpty() && !flow.shape().single() ? flow.limits().journal() / 10 : 0;
        boolean journalFull = state.journalled(flow.name()) >= flow.limits().journal() - reserve;
        boolean tooManyOpen = known.isEmpty() && state.open(flow.name()) >= flow.limits().open();
        boolean tooManyUndelivered = known.isEmpty()
                && state.undelivered(flow.name()) >= flow.limits().undelivered();
        boolean tooManyWait = state.waiting(flow.name()) >= flow.limits().waiting();
        boolean tooManyDead = state.dead(flow.name()) >= flow.limits().dead();
        if (tooManyOpen || tooManyUndelivered || tooManyWait || tooManyDead) {
            return Optional.of(Refusal.HELD_UP);
        }
        return journalFull ? Optional.of(Refusal.OVER_CAPACITY) : Optional.empty();
    }

    /** The journal entry is the guard: only who takes it out goes on. */
    @Override
    public CompletionStage<Collated> collate(Flow flow, Part part, PartResult result) {
        return unlessExpelled(me -> {
            if (!me.journal.removeIf(it -> it.entry().equals(part.entry()))) {
                return new Collated.Lost();
            }
            Optional<ReferenceCollation> present = state.collation(part.id())
                    .filter(it -> it.generation().equals(part.generation()));
            if (present.isEmpty()) {
                return new Collated.Stale();
            }
            ReferenceCollation collation = present.get();
            if (collation.hasResult(part.index())) {
                return new Collated.Lost();
            }
            if (!collation.isOpen() || collation.isOutOfTime(state.now())) {
                if (!(result instanceof PartResult.Deferred)) {
                    collation.addLate(result);
                }
                return new Collated.Late();
            }
            PartResult contribution = collation.bounded(result);
            if (contribution instanceof PartResult.Deferred deferred) {
                collation.park(part.index(), part.body(), deferred.attempts(), state.now());
                return new Collated.Parked();
            }
            collation.add(part.index(), contribution, state.now());
            collation.bury(part.index(), part.body(), state.now());
            return collation.isOpen() ? new Collated.Added() : ended(deliver(me, collation), collation);
        });
    }

    private static Collated.Ended ended(Delivery delivery, ReferenceCollation collation) {
        return new Collated.Ended(delivery,
                delivery.isSmall() ? Optional.of(collation.outcome(0, Integer.MAX_VALUE)) : Optional.empty());
    }

    /** The first output counts, and only one; a part that waits for none in a journal has it kept. */
    @Override
    public CompletionStage<Completion> complete(Flow flow, PartName part, PartResult.Output output) {
        return unlessExpelled(me -> {
            Optional<ReferenceCollation> present = state.collation(part.id())
                    .filter(it -> it.generation().equals(part.generation()));
            if (present.isEmpty()) {
                return new Completion.Gone();
            }
            ReferenceCollation collation = present.get();
            Optional<Completion> known = collation.known(part.index(), output);
            if (known.isPresent()) {
                return known.get();
            }
            if (!collation.isOpen() || collation.isOutOfTime(state.now())) {
                collation.addLateAnswer(output);
                return new Completion.Gone();
            }
            if (collation.isPutOffOrDead(part.index())) {
                return completed(me, collation, part.index(), output);
            }
            if (collation.hasResult(part.index())) {
                return new Completion.Gone();
            }
            if (collation.bounded(output) instanceof PartResult.Failure) {
                return new Completion.TooLarge(Optional.empty());
            }
            collation.add(part.index(), output, state.now());
            return new Completion.Taken(collation.isOpen() ? Optional.empty() : Optional.of(deliver(me, collation)));
        });
    }

    private Completion completed(Replica me, ReferenceCollation collation, int index, PartResult.Output output) {
        String body = collation.takeBack(index);
        PartResult contribution = collation.bounded(output);
        collation.add(index, contribution, state.now());
        collation.bury(index, body, state.now());
        Optional<Delivery> ended = collation.isOpen() ? Optional.empty() : Optional.of(deliver(me, collation));
        return contribution instanceof PartResult.Failure ? new Completion.TooLarge(ended) : new Completion.Taken(ended);
    }

    @Override
    public CompletionStage<List<Part>> wake(Due due, int limit) {
        return unlessExpelled(me -> {
            Instant now = state.now();
            state.missWake(due);
            List<Part> woken = state.collation(due.id())
                    .filter(it -> it.generation().equals(due.generation()) && it.isOpen() && !it.isOutOfTime(now)).stream()
                    .flatMap(it -> it.waiting().entrySet().stream()).filter(it -> !it.getValue().until().isAfter(now))
                    .sorted(Comparator.<Map.Entry<Integer, ReferenceCollation.Waiting>, Instant> comparing(
                            it -> it.getValue().until()).thenComparing(it -> String.valueOf(it.getKey())))
                    .limit(limit)
                    .map(it -> new Part(state.newEntry(), due.id(), due.generation(), it.getKey(), 0,
                            it.getValue().attempts(), it.getValue().body()))
                    .toList();
            woken.forEach(part -> state.collation(due.id()).orElseThrow().takeBack(part.index()));
            me.journal.addAll(woken);
            return woken;
        });
    }

    @Override
    public CompletionStage<Optional<Part>> retry(PartName part) {
        return unlessExpelled(me -> {
            Optional<ReferenceCollation> present = state.collation(part.id())
                    .filter(it -> it.generation().equals(part.generation()) && it.isOpen() && !it.isOutOfTime(state.now()));
            Optional<Part> retried = present.flatMap(it -> it.dead(part.index())).map(died -> new Part(state.newEntry(),
                    part.id(), part.generation(), part.index(), 0, 0, died.body()));
            retried.ifPresent(it -> {
                present.get().takeBack(part.index());
                me.journal.add(it);
            });
            return retried;
        });
    }

    /** Named as the session is, where the id of the resource is of our own making. */
    private static Delivery deliver(Replica me, ReferenceCollation ended) {
        ReferenceDelivery delivery = ended.deliverAs("0-" + ended.generation());
        me.inFlight.add(delivery.id());
        return delivery.asDelivery();
    }

    /** A success counts whoever reports it; anything else only from who holds the delivery in flight. */
    @Override
    public CompletionStage<Boolean> settle(Delivery delivery, Settlement settlement) {
        boolean owned = held().filter(it -> it.inFlight.remove(delivery.id())).isPresent();
        Optional<ReferenceDelivery> known = state.delivery(delivery.id()).filter(it -> !it.isDelivered());
        if (known.isPresent() && settlement instanceof Settlement.Delivered delivered) {
            known.get().deliver(delivered.attempt(), state.now());
            removeLater(known.get().collation(), settings.retention());
            return completedFuture(true);
        }
        Optional<ReferenceDelivery> mine = known.filter(it -> owned && it.isPending());
        mine.ifPresent(it -> settle(it, settlement));
        return completedFuture(mine.isPresent());
    }

    private void settle(ReferenceDelivery mine, Settlement settlement) {
        if (settlement instanceof Settlement.Failed failed) {
            mine.fail(failed.attempt(), state.now().plus(failed.retryIn()));
        } else if (settlement instanceof Settlement.Dead dead) {
            mine.die(dead.attempt(), state.now());
            removeLater(mine.collation(), settings.deadRetention());
        } else if (settlement instanceof Settlement.Postponed postponed) {
            if (mine.isOlderThan(postponed.most(), state.now())) {
                mine.die(Settlement.Postponed.ERROR, state.now());
                removeLater(mine.collation(), settings.deadRetention());
            } else {
                mine.waitUntil(state.now().plus(postponed.retryIn()));
            }
        }
    }

    private void removeLater(ReferenceCollation over, Duration kept) {
        Instant due = state.now().plus(kept);
        state.due.put(over.name(), due);
        over.expireAt(due.plus(BACKSTOP));
    }

    /** When nobody ticked for two beats silence proves nothing, so all that live get a fresh lease first. */
    @Override
    public CompletionStage<Findings> tick(int limit) {
        return unlessExpelled(me -> {
            Instant now = state.now();
            if (state.ticked.plus(settings.beat().multipliedBy(2)).isBefore(now)) {
                state.replicas.values().stream().filter(it -> it.beat.isPresent()).forEach(it -> it.beat = Optional.of(now));
            }
            me.beat = Optional.of(now);
            state.ticked = now;
            return new Findings(silentOthers(now).limit(limit).toList(),
                    state.pending().filter(it -> it.isDue(now)).sorted(Comparator.comparing(ReferenceDelivery::due))
                            .map(ReferenceDelivery::id).limit(limit).toList(),
                    state.due.entrySet().stream().filter(it -> !it.getValue().isAfter(now))
                            .sorted(Map.Entry.comparingByValue()).map(Map.Entry::getKey).limit(limit).toList(),
                    state.wakes().filter(it -> !it.wakes().orElseThrow().isAfter(now))
                            .sorted(Comparator.comparing(it -> it.wakes().orElseThrow())).map(ReferenceCollation::name)
                            .limit(limit).toList(),
                    Stream.of(state.pending().flatMap(it -> it.nextAttempt().stream()), state.due.values().stream(),
                            state.wakes().flatMap(it -> it.wakes().stream())).flatMap(Function.identity())
                            .filter(it -> it.isAfter(now)).min(Comparator.naturalOrder())
                            .map(next -> Duration.between(now, next)));
        });
    }

    private Stream<String> silentOthers(Instant now) {
        return state.replicas.entrySet().stream()
                .filter(it -> !it.getKey().equals(name) && it.getValue().isSilent(now.minus(settings.lease())))
                .map(Map.Entry::getKey);
    }

    @Override
    public CompletionStage<List<Part>> journal(String after, int limit) {
        long from = after.isEmpty() ? 0 : Long.parseLong(after);
        return completedFuture(held().stream().flatMap(it -> it.journal.stream())
                .filter(part -> Long.parseLong(part.entry()) > from).limit(limit).toList());
    }

    @Override
    public CompletionStage<List<String>> inFlight() {
        return completedFuture(held().stream().flatMap(it -> it.inFlight.stream()).toList());
    }

    @Override
    public CompletionStage<List<String>> claim(List<String> deliveryIds) {
        return unlessExpelled(me -> deliveryIds.stream().filter(id -> claim(me, id)).toList());
    }

    private boolean claim(Replica me, String id) {
        Optional<ReferenceDelivery> due = state.pending(id).filter(it -> it.isDue(state.now()));
        due.ifPresent(it -> {
            it.takeOff();
            me.inFlight.add(id);
        });
        return due.isPresent();
    }

    @Override
    public CompletionStage<Void> release(String deliveryId) {
        held().ifPresent(it -> it.inFlight.remove(deliveryId));
        return completedFuture(null);
    }

    /** Declares it dead first; a page that is not full is the last, and with it go the deliveries and the name. */
    @Override
    public CompletionStage<Boolean> takeOver(String silent, int limit) {
        return unlessExpelled(me -> {
            Replica from = state.replicas.get(silent);
            if (from == null || !from.isSilent(state.now().minus(settings.lease()))) {
                return true;
            }
            from.beat = Optional.empty();
            List<Part> page = from.journal.stream().limit(limit).toList();
            from.journal.removeAll(page);
            page.forEach(part -> me.journal.add(moved(part, from)));
            if (page.size() == limit) {
                return false;
            }
            me.inFlight.addAll(from.inFlight);
            state.replicas.remove(silent);
            return true;
        });
    }

    /** What was held is suspect from a death on, and by each further one what was being worked on. */
    private Part moved(Part part, Replica from) {
        boolean counts = !from.left && (!part.isSuspect() || from.atWork.contains(part.entry()));
        return new Part(state.newEntry(), part.id(), part.generation(), part.index(), part.deaths() + (counts ? 1 : 0),
                part.attempts(), part.body());
    }

    @Override
    public CompletionStage<Optional<Part>> mark(Part suspect, boolean atWork) {
        return unlessExpelled(me -> {
            Optional<Part> marked = me.journal.stream().filter(it -> it.entry().equals(suspect.entry())).findAny()
                    .map(it -> it.movedTo(state.newEntry())).map(it -> atWork ? it : it.acquitted());
            marked.ifPresent(it -> {
                me.journal.removeIf(before -> before.entry().equals(suspect.entry()));
                me.journal.add(it);
                if (atWork) {
                    me.atWork.add(it.entry());
                }
            });
            return marked;
        });
    }

    @Override
    public CompletionStage<Comparison> compare(Map<String, Integer> held) {
        return unlessExpelled(me -> {
            boolean given = me.given;
            me.given = false;
            me.load = Optional.of(given ? Map.of() : held);
            return new Comparison(given, state.replicas.entrySet().stream()
                    .filter(it -> !it.getKey().equals(name) && isAlive(it.getValue()) && it.getValue().load.isPresent())
                    .collect(Collectors.toMap(Map.Entry::getKey, it -> it.getValue().load.orElseThrow())));
        });
    }

    @Override
    public CompletionStage<List<Part>> give(String to, List<Part> parts) {
        return unlessExpelled(me -> {
            Optional<Replica> other = Optional.ofNullable(state.replicas.get(to)).filter(this::isAlive);
            List<Part> given = parts.stream()
                    .filter(part -> other.isPresent() && me.journal.removeIf(it -> it.entry().equals(part.entry()))).toList();
            given.forEach(part -> {
                other.orElseThrow().journal.add(part.movedTo(state.newEntry()));
                other.orElseThrow().given = true;
                other.orElseThrow().load = Optional.of(Map.of());
            });
            return given;
        });
    }

    private boolean isAlive(Replica replica) {
        return !replica.isSilent(state.now().minus(settings.beat().multipliedBy(2)));
    }

    /** Another life of the id is none of its business. */
    @Override
    public CompletionStage<Optional<Delivery>> expire(Due due) {
        return unlessExpelled(me -> {
            Instant when = state.due.get(due);
            if (when == null || when.isAfter(state.now())) {
                return Optional.empty();
            }
            state.due.remove(due);
            Optional<ReferenceCollation> present = state.collation(due.id());
            if (present.filter(it -> !it.generation().equals(due.generation())).isPresent()) {
                return Optional.empty();
            }
            if (present.filter(ReferenceCollation::isOpen).isPresent()) {
                return outOfTime(me, present.get());
            }
            if (present.flatMap(ReferenceCollation::delivery).filter(ReferenceDelivery::isPending).isEmpty()) {
                present.ifPresent(state::remove);
                state.recent.remove(due.id());
            }
            return Optional.empty();
        });
    }

    /** Before the deadline those parts are awaited that were received; at it, nothing is. */
    private Optional<Delivery> outOfTime(Replica me, ReferenceCollation open) {
        Instant now = state.now();
        if (now.isBefore(open.deadline()) && !open.isSettled()) {
            open.close(now);
            state.due.put(open.name(), open.due());
            return Optional.empty();
        }
        open.endOutOfTime(now, !now.isBefore(open.deadline()));
        return Optional.of(deliver(me, open));
    }

    @Override
    public CompletionStage<Void> leave() {
        held().filter(it -> it.beat.isPresent()).ifPresent(it -> {
            it.beat = Optional.empty();
            it.left = true;
            if (it.journal.isEmpty() && it.inFlight.isEmpty()) {
                state.replicas.remove(name);
            }
        });
        return completedFuture(null);
    }

    /** What is held under this name, unless it was taken over. */
    private Optional<Replica> held() {
        return Optional.ofNullable(state.replicas.get(name));
    }

    private <T> CompletionStage<T> unlessExpelled(Function<Replica, T> act) {
        return held().filter(it -> it.beat.isPresent())
                .<CompletionStage<T>> map(me -> completedFuture(act.apply(me)))
                .orElseGet(() -> failedFuture(new ExpelledException(name)));
    }
}
