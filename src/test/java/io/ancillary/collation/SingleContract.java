package io.ancillary.collation;

import static io.ancillary.collation.AcceptContract.refused;
import static io.ancillary.collation.Attempts.attempt;
import static io.ancillary.collation.CallbackContract.HERE;
import static io.ancillary.collation.StoreFixture.failure;
import static io.ancillary.collation.StoreFixture.output;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Snapshot.State;

/** A collation of one part, whose id is of our own making, and how a request is known by its idempotency key. */
interface SingleContract extends StoreFixture {
    Flow SINGLE = StoreFixture.flow("single", new Shape(true, 1, true, false, false), 10, 3);
    Duration KEY_KEPT = Duration.ofHours(24);

    static Arrival request(String resource) {
        return new Arrival(resource, 1, true, "digest-a", "request", Optional.of(HERE), Optional.empty());
    }

    static Arrival keyed(String key, String resource, String digest) {
        return new Arrival(resource, 1, true, digest, "request", Optional.of(HERE), Optional.of(key));
    }

    static Acceptance repeated(String resource) {
        return new Acceptance.Repeated(resource);
    }

    default Acceptance acceptSingle(Arrival arrival) {
        return answer(me().accept(SINGLE, arrival));
    }

    default Part acceptedSingle(Arrival arrival) {
        return accepted(me(), SINGLE, arrival);
    }

    default Snapshot single(String resource) {
        return answer(store().find(new CollationId("single", resource))).orElseThrow();
    }

    default Delivery deliveredSingle(Arrival arrival) {
        Delivery delivery = ended(collate(SINGLE, acceptedSingle(arrival)));
        answer(me().settle(delivery, new Settlement.Delivered(attempt(""))));
        return delivery;
    }

    @Test
    default void takesTheGenerationFromTheId_whenThatIsOfOurOwnMaking() {
        assertThat(acceptedSingle(request("0-x7-y")).generation()).isEqualTo("x7-y");
    }

    @Test
    default void callsTheDeliveryLikeTheResource_whenItsIdIsOfOurOwnMaking() {
        Delivery delivery = ended(collate(SINGLE, acceptedSingle(request("0-x"))));

        assertThat(delivery.id()).isEqualTo("0-x");
        assertThat(answer(store().pending("0-x"))).contains(delivery);
    }

    @Test
    default void callsTheDeliveryLikeTheResource_whenTimeRanOut() {
        Part part = acceptedSingle(request("0-x"));
        advance(DEADLINE);

        assertThat(expired(due(part)).orElseThrow().id()).isEqualTo("0-x");
    }

    @Test
    default void keepsTheRequest_whenThereIsOnePart() {
        acceptedSingle(request("0-x"));

        assertThat(single("0-x").terms().request()).contains("request");
        assertThat(single("0-x").ending()).isEmpty();
    }

    @Test
    default void keepsNeitherRequestNorOutput_whenThereMayBeManyParts() {
        ended("a");

        assertThat(snapshot("a").terms().request()).isEmpty();
        assertThat(snapshot("a").ending().orElseThrow().output()).isEmpty();
    }

    @Test
    default void keepsTheOutput_whenItIsInTime() {
        Delivery delivery = deliveredSingle(request("0-x"));

        assertThat(single("0-x").state()).isEqualTo(State.COMPLETED);
        assertThat(single("0-x").ending().orElseThrow().output()).contains("[1]");
        assertThat(outcome(delivery).of().ending().orElseThrow().output()).contains("[1]");
    }

    @Test
    default void keepsNoOutput_whenThePartFailed() {
        ended(answer(me().collate(SINGLE, acceptedSingle(request("0-x")), failure(1))));

        assertThat(single("0-x").state()).isEqualTo(State.INCOMPLETE);
        assertThat(single("0-x").ending().orElseThrow().output()).isEmpty();
    }

    @Test
    default void keepsTheLateOutputApart_whenTimeRanOut() {
        Part part = acceptedSingle(request("0-x"));
        advance(DEADLINE);
        Delivery delivery = expired(due(part)).orElseThrow();

        assertThat(answer(me().collate(SINGLE, part, output(7)))).isEqualTo(new Collated.Late());

        Snapshot.Ending ending = single("0-x").ending().orElseThrow();
        assertThat(ending.output()).isEmpty();
        assertThat(ending.lateOutput()).contains("[7]");
        assertThat(ending.late()).isOne();
        assertThat(outcome(delivery).results()).extracting(Collected::result)
                .containsExactly(new PartResult.Failure(Collected.DEADLINE));
    }

    @Test
    default void keepsNoLateOutput_whenThePartFailedLate() {
        Part part = acceptedSingle(request("0-x"));
        advance(DEADLINE);
        expired(due(part));

        answer(me().collate(SINGLE, part, failure(1)));

        assertThat(single("0-x").ending().orElseThrow().lateOutput()).isEmpty();
        assertThat(single("0-x").ending().orElseThrow().late()).isOne();
    }

    @Test
    default void opensTwo_whenTheSameRequestComesWithoutKey() {
        acceptedSingle(request("0-x"));

        acceptedSingle(request("0-y"));

        assertThat(answer(store().count("single"))).isEqualTo(2);
    }

    @Test
    default void givesTheFirstResource_whenTheKeyComesAgain() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));

        assertThat(acceptSingle(keyed("k", "0-y", "digest-a"))).isEqualTo(repeated("0-x"));
        assertThat(answer(other().accept(SINGLE, keyed("k", "0-z", "digest-a")))).isEqualTo(repeated("0-x"));
    }

    @Test
    default void writesNothing_whenTheKeyComesAgain() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));

        acceptSingle(keyed("k", "0-y", "digest-a"));

        assertThat(answer(store().find(new CollationId("single", "0-y")))).isEmpty();
        assertThat(answer(store().count("single"))).isOne();
        assertThat(answer(me().journal("", 10))).hasSize(1);
    }

    @Test
    default void refusesOtherContent_whenTheKeyWasUsed() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));

        assertThat(acceptSingle(keyed("k", "0-y", "digest-b"))).isEqualTo(refused(Refusal.IDEMPOTENCY_CONFLICT));
        assertThat(answer(store().count("single"))).isOne();
    }

    @Test
    default void refusesOtherContent_whenItsDigestBeginsTheOne() {
        acceptedSingle(keyed("k", "0-x", "digest-and-more"));

        assertThat(acceptSingle(keyed("k", "0-y", "digest"))).isEqualTo(refused(Refusal.IDEMPOTENCY_CONFLICT));
    }

    @Test
    default void takesBoth_whenTheKeysDiffer() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));

        acceptedSingle(keyed("K", "0-y", "digest-a"));
    }

    @Test
    default void takesBoth_whenTheKeyIsAnotherFlows() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));

        accepted(me(), CallbackContract.ADDRESSED, keyed("k", "0-x", "digest-a"));
    }

    @Test
    default void answersOneByOne_whenAKeyTravelsThrice() {
        List<Acceptance> answers = together(List.of(keyed("k", "0-x", "digest-a"), keyed("k", "0-y", "digest-a"),
                keyed("k", "0-z", "digest-b")), arrival -> me().accept(SINGLE, arrival));

        assertThat(answers.get(0)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(answers.subList(1, 3)).containsExactly(repeated("0-x"), refused(Refusal.IDEMPOTENCY_CONFLICT));
    }

    @Test
    default void knowsTheKey_whenNoMoreMayBeOpened() {
        together(List.of("0-x", "0-y", "0-z"), id -> me().accept(SINGLE, keyed("key of " + id, id, "digest-a")));

        assertThat(acceptSingle(keyed("key of 0-y", "0-w", "digest-a"))).isEqualTo(repeated("0-y"));
        assertThat(acceptSingle(keyed("another", "0-w", "digest-a"))).isEqualTo(refused(Refusal.HELD_UP));
    }

    @Test
    default void remembersNoKey_whenTheRequestWasRefused() {
        together(List.of("0-x", "0-y", "0-z"), id -> me().accept(SINGLE, request(id)));
        acceptSingle(keyed("k", "0-w", "digest-a"));
        answer(store().drop(new CollationId("single", "0-x")));

        assertThat(acceptSingle(keyed("k", "0-v", "digest-a"))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void knowsTheKey_whenItsResourceWasDropped() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));
        answer(store().drop(new CollationId("single", "0-x")));

        assertThat(acceptSingle(keyed("k", "0-y", "digest-a"))).isEqualTo(repeated("0-x"));
    }

    @Test
    default void knowsTheKey_whenItsResourceWasRemoved() {
        Delivery delivery = deliveredSingle(keyed("k", "0-x", "digest-a"));
        advance(SETTINGS.retention());
        expired(due(delivery));

        assertThat(acceptSingle(keyed("k", "0-y", "digest-a"))).isEqualTo(repeated("0-x"));
        assertThat(acceptSingle(keyed("k", "0-y", "digest-b"))).isEqualTo(refused(Refusal.IDEMPOTENCY_CONFLICT));
    }

    @Test
    default void knowsTheKey_shortlyBeforeItIsForgotten() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));
        advance(KEY_KEPT.minusMinutes(1));

        assertThat(acceptSingle(keyed("k", "0-y", "digest-a"))).isEqualTo(repeated("0-x"));
    }

    @Test
    default void forgetsTheKey_afterADay() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));
        advance(KEY_KEPT);

        assertThat(acceptSingle(keyed("k", "0-y", "digest-b"))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void keepsTheKeyNoLonger_whenItCameAgainInBetween() {
        acceptedSingle(keyed("k", "0-x", "digest-a"));
        advance(KEY_KEPT.minusMinutes(1));
        acceptSingle(keyed("k", "0-y", "digest-a"));
        advance(Duration.ofMinutes(1));

        assertThat(acceptSingle(keyed("k", "0-y", "digest-a"))).isInstanceOf(Acceptance.Accepted.class);
    }
}
