package io.ancillary.collation;

import static io.ancillary.collation.Attempts.attempt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership.Due;

/** What the parts of the contract share: two replicas of one partition, and short words for what they do. */
interface StoreFixture {
    Duration DEADLINE = Duration.ofHours(24);
    Duration GAP = Duration.ofHours(1);
    Duration COMPLETION = Duration.ofHours(2);
    Flow PACKETS = flow("packets", new Shape(false, 1, false, false, false), 2000, 2000);
    StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofHours(2),
            Duration.ofHours(5));

    CollationStore store();

    /** What a replica sees that is set to another number of partitions. */
    CollationStore storeSetTo(int partitions);

    /** A replica that has joined, as {@link #other()} has. */
    Membership me();

    Membership other();

    void advance(Duration by);

    default <T> T answer(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    /** Submits all before the first answer can come, so that they travel together. */
    default <I, T> List<T> together(List<I> items, Function<I, CompletionStage<T>> call) {
        CompletableFuture<List<CompletionStage<T>>> submitted = new CompletableFuture<>();
        store().executor().execute(() -> submitted.complete(items.stream().map(call).toList()));
        return answer(submitted).stream().map(this::answer).toList();
    }

    default void assertExpelled(CompletionStage<?> call) {
        assertThatThrownBy(() -> answer(call)).hasCauseInstanceOf(ExpelledException.class);
    }

    static Flow flow(String name, Shape shape, int journalCapacity, int openCapacity) {
        return new Flow(name, shape, new Limits(journalCapacity, 2000, 1000, openCapacity, 2000, 1_000_000),
                new Times(DEADLINE, GAP, COMPLETION));
    }

    static CollationId id(String resource) {
        return new CollationId(PACKETS.name(), resource);
    }

    static Arrival packet(String resource, int index) {
        return arrival(resource, index, false, "digest " + index, "body " + index);
    }

    static Arrival last(String resource, int index) {
        return arrival(resource, index, true, "last digest " + index, "body " + index);
    }

    static Arrival otherContent(Arrival arrival) {
        return new Arrival(arrival.resource(), arrival.index(), arrival.last(), "other " + arrival.digest(), "other",
                arrival.callback(), arrival.idempotencyKey());
    }

    static Arrival arrival(String resource, int index, boolean last, String digest, String body) {
        return new Arrival(resource, index, last, digest, body, Optional.empty(), Optional.empty());
    }

    static Arrival to(String callback, Arrival arrival) {
        return new Arrival(arrival.resource(), arrival.index(), arrival.last(), arrival.digest(), arrival.body(),
                Optional.of(callback), arrival.idempotencyKey());
    }

    static PartResult output(int index) {
        return new PartResult.Output("[" + index + "]");
    }

    static PartResult failure(int index) {
        return new PartResult.Failure("no output for " + index);
    }

    default Acceptance accept(Arrival arrival) {
        return answer(me().accept(PACKETS, arrival));
    }

    default Part accepted(Arrival arrival) {
        return accepted(me(), arrival);
    }

    default Part accepted(Membership by, Arrival arrival) {
        return accepted(by, PACKETS, arrival);
    }

    default Part accepted(Membership by, Flow flow, Arrival arrival) {
        Acceptance acceptance = answer(by.accept(flow, arrival));
        assertThat(acceptance).isInstanceOf(Acceptance.Accepted.class);
        return ((Acceptance.Accepted) acceptance).part();
    }

    /** Packets first to last of a resource, accepted by me. */
    default List<Part> acceptedAll(String resource, int first, int last) {
        List<Arrival> arrivals = new ArrayList<>();
        IntStream.range(first, last).forEach(index -> arrivals.add(packet(resource, index)));
        arrivals.add(last(resource, last));
        return together(arrivals, arrival -> me().accept(PACKETS, arrival)).stream()
                .map(it -> ((Acceptance.Accepted) it).part()).toList();
    }

    default Collated collate(Part part) {
        return collate(PACKETS, part);
    }

    default Collated collate(Flow flow, Part part) {
        return answer(me().collate(flow, part, output(part.index())));
    }

    default Collated fail(Part part) {
        return answer(me().collate(PACKETS, part, failure(part.index())));
    }

    default Delivery ended(Collated collated) {
        assertThat(collated).isInstanceOf(Collated.Ended.class);
        return ((Collated.Ended) collated).delivery();
    }

    /** A resource of one packet that has ended; its delivery is in flight at me. */
    default Delivery ended(String resource) {
        return ended(collate(accepted(last(resource, 1))));
    }

    default Delivery delivered(String resource) {
        Delivery delivery = ended(resource);
        assertThat(answer(me().settle(delivery, new Settlement.Delivered(attempt(""))))).isTrue();
        return delivery;
    }

    /** A resource that has ended and whose first attempt failed: it waits for the next. */
    default Delivery waiting(String resource, Duration retryIn) {
        Delivery delivery = ended(resource);
        assertThat(answer(me().settle(delivery, new Settlement.Failed(attempt("status 500"), retryIn)))).isTrue();
        return delivery;
    }

    /** What a tick finds, and expire acts on. */
    default Due due(Part of) {
        return new Due(of.id(), of.generation());
    }

    default Due due(Delivery of) {
        return new Due(of.collation(), of.generation());
    }

    default List<Due> found() {
        return answer(me().tick(100)).dueCollations();
    }

    default Optional<Delivery> expired(Due due) {
        return answer(me().expire(due));
    }

    default Snapshot snapshot(String resource) {
        return answer(store().find(id(resource))).orElseThrow();
    }

    default Outcome outcome(Delivery delivery) {
        return answer(Outcome.read(store(), delivery)).orElseThrow();
    }

    /** Others beat along, so that the time that passes is nobody's silence but one's. */
    default void fallSilent(Membership silent, Membership... beating) {
        for (Membership member : beating) {
            answer(member.tick(1));
        }
        Duration beat = SETTINGS.beat();
        for (Duration passed = Duration.ZERO; passed.compareTo(SETTINGS.lease()) < 0; passed = passed.plus(beat)) {
            advance(beat);
            for (Membership member : beating) {
                answer(member.tick(1));
            }
        }
        assertThat(answer(beating[0].tick(100)).silentReplicas()).contains(silent.replica());
    }
}
