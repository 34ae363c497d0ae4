package io.ancillary.redis;

import static io.ancillary.collation.Attempts.attempt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.CollationStoreContract;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.Snapshot.State;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.testsupport.RedisProcess;

/** The contract on a real Redis, and what can be seen only in its keys. */
class RedisStoreTest extends CollationStoreContract {
    private static final Flow SINGLE = new Flow("single", new Shape(true, 1, false, false, false),
            new Limits(10, 10, 1000, 10, 1000, 1000), new Times(DEADLINE, GAP, GAP));

    private static RedisFixture fixture;
    private static CollationStore connected;

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
        connected = fixture.store(SETTINGS);
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @Override
    protected CollationStore emptyStore() {
        fixture.forgetEverything();
        return connected;
    }

    @Override
    public CollationStore storeSetTo(int partitions) {
        return fixture.store(new StoreSettings(partitions, SETTINGS.beat(), SETTINGS.lease(), SETTINGS.retention(),
                SETTINGS.deadRetention()));
    }

    @Override
    public void advance(Duration by) {
        RedisTime.advance(fixture.redis(), by);
    }

    @Test
    void refusesAnotherFormat_evenWhenNothingIsOpen() {
        answer(me().leave());
        answer(other().leave());
        redis().command("HSET", "anc:{0}:meta", "format", "0");

        assertThatThrownBy(() -> answer(store().join("third"))).hasCauseInstanceOf(FormatMismatchException.class)
                .hasMessageContaining("format 0 with 1 partitions");
    }

    @Test
    void goesOn_whenRedisForgotTheScripts() {
        redis().command("SCRIPT", "FLUSH");

        assertThat(delivered("a").attempts()).isZero();
    }

    @Test
    void countsAnotherConnection_whenTheOneIsLost() {
        long before = store().connections();

        redis().command("CLIENT", "KILL", "TYPE", "normal");

        await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(store().connections()).isEqualTo(before + 1));
    }

    @Test
    void keepsNothingOfAResourceForEver_onceItIsDelivered() {
        deliveredOfMany("a");

        assertThat(keysOfResources()).hasSize(5)
                .allSatisfy(key -> assertThat(Long.parseLong(redis().command("PTTL", key)))
                        .isBetween(SETTINGS.retention().toMillis(), SETTINGS.retention().plusHours(1).toMillis()));
    }

    /** One that failed has no output to stand in its collation: why stands where the outputs of many parts do. */
    @ParameterizedTest
    @MethodSource("resultsOfASinglePart")
    void keepsNothingOfASinglePartForEver_onceItIsDelivered(PartResult result, int keys) {
        Delivery delivery = ended(answer(me().collate(SINGLE, accepted(SINGLE, "0-x"), result)));

        answer(me().settle(delivery, new Settlement.Delivered(attempt(""))));

        assertThat(keysOfResources()).hasSize(keys)
                .allSatisfy(key -> assertThat(Long.parseLong(redis().command("PTTL", key))).isPositive());
        answer(store().redeliver(delivery.id(), DeliveryStatus.DELIVERED));
        assertThat(keysOfResources()).hasSize(keys)
                .allSatisfy(key -> assertThat(redis().command("PTTL", key)).isEqualTo("-1"));
    }

    @ParameterizedTest
    @MethodSource("resultsOfASinglePart")
    void tellsTheOutcomeOfASinglePart_asItIsRead(PartResult result) {
        Collated.Ended ended = (Collated.Ended) answer(me().collate(SINGLE, accepted(SINGLE, "0-x"), result));

        assertThat(ended.outcome()).isPresent().isEqualTo(answer(store().outcome(ended.delivery(), 0)));
        assertThat(ended.outcome().orElseThrow().results()).hasSize(1);
    }

    private static Stream<Arguments> resultsOfASinglePart() {
        return Stream.of(Arguments.of(new PartResult.Output("1"), 2), Arguments.of(new PartResult.Failure("why"), 3),
                Arguments.of(new PartResult.Output("\"" + "x".repeat(1000) + "\""), 3));
    }

    @Test
    void takesNewOnes_besideOneThatItHas() {
        accepted(SINGLE, "0-b");

        List<Acceptance> acceptances = RedisFixture.together(store(), List.of("0-a", "0-b", "0-c", "0-a"),
                resource -> me().accept(SINGLE, arrivalOf(resource)));

        assertThat(acceptances).extracting(it -> it.getClass().getSimpleName())
                .containsExactly("Accepted", "Repeated", "Accepted", "Repeated");
    }

    @Test
    void keepsAResourceForEver_untilItIsDelivered() {
        waiting("a", Duration.ZERO);

        assertThat(keysOfResources()).hasSize(3)
                .allSatisfy(key -> assertThat(redis().command("PTTL", key)).isEqualTo("-1"));
    }

    @Test
    void leavesNoKey_whenRemoved() {
        Delivery delivery = deliveredOfMany("a");
        advance(SETTINGS.retention());

        answer(me().expire(due(delivery)));

        assertThat(keysOfResources()).isEmpty();
    }

    @Test
    void leavesNoKey_whenDropped() {
        deliveredOfMany("a");

        answer(store().drop(new CollationId("packets", "a")));

        assertThat(keysOfResources()).isEmpty();
    }

    @Test
    void leavesNothingInAnySchedule_whenDropped() {
        accepted(arrival("a", 2, true));
        waiting("b", Duration.ZERO);

        answer(store().drop(new CollationId("packets", "a")));
        answer(store().drop(new CollationId("packets", "b")));

        assertThat(keys()).noneMatch(key -> key.matches(".*:(due|outbox|recent:.*)"));
    }

    @Test
    void keepsNothingForEver_whenAResultCameAfterTheDelivery() {
        Part part = accepted(arrival("a", 1, true));
        advance(DEADLINE);
        answer(me().settle(expired(due(part)).orElseThrow(), new Settlement.Delivered(attempt(""))));

        collate(part);

        assertThat(keysOfResources()).hasSize(2)
                .allSatisfy(key -> assertThat(Long.parseLong(redis().command("PTTL", key))).isPositive());
    }

    @Test
    void keepsAnIdempotencyKeyForADay_evenWhenItsResourceWasDropped() {
        accepted(SINGLE, "0-x");

        answer(store().drop(new CollationId("single", "0-x")));

        assertThat(keysOfResources()).isEmpty();
        assertThat(Long.parseLong(redis().command("PTTL", "anc:{0}:idem:single:k of 0-x")))
                .isBetween(Duration.ofHours(23).toMillis(), Duration.ofHours(24).toMillis());
    }

    @Test
    void leavesNothingOfAName_whenItWasTakenOver() {
        answer(other().accept(PACKETS, arrival("a", 1, true)));
        answer(other().leave());

        answer(me().takeOver("other", 10));

        assertThat(keys()).noneMatch(key -> key.endsWith(":other"));
        assertThat(redis().command("ZRANGE", "anc:{0}:replicas", "0", "-1")).isEqualTo("me");
    }

    @Test
    void acceptsNothing_whenRedisIsFull() {
        full();

        assertThatThrownBy(() -> accepted(arrival("a", 1, false)))
                .hasCauseInstanceOf(StoreUnavailableException.class);

        assertThat(keysOfResources()).isEmpty();
        assertThat(answer(me().journal("", 10))).isEmpty();
    }

    @Test
    void bringsToAnEndWhatItHolds_whenRedisIsFull() {
        List<Part> parts = acceptedAll("a", 1, 2);
        full();

        collate(parts.get(0));
        Delivery delivery = ended(collate(parts.get(1)));

        assertThat(answer(me().settle(delivery, new Settlement.Failed(attempt("status 500"), Duration.ZERO)))).isTrue();
        assertThat(answer(me().claim(List.of(delivery.id())))).containsExactly(delivery.id());
        assertThat(answer(me().settle(delivery, new Settlement.Delivered(attempt(""))))).isTrue();
    }

    @Test
    void takesOver_whenRedisIsFull() {
        accepted(other(), arrival("a", 1, true));
        full();
        answer(other().leave());

        assertThat(answer(me().takeOver("other", 10))).isTrue();
        assertThat(answer(me().journal("", 10))).hasSize(1);
    }

    @Test
    void makesRoom_whenRedisIsFull() {
        Delivery delivery = delivered("a");
        ended("b");
        advance(SETTINGS.retention());
        full();

        answer(me().expire(due(delivery)));
        answer(store().drop(new CollationId("packets", "b")));

        assertThat(keysOfResources()).isEmpty();
    }

    @Test
    void closesAndEnds_whenRedisIsFull() {
        Due due = due(accepted(arrival("a", 2, true)));
        advance(GAP);
        full();

        assertThat(expired(due)).isEmpty();
        assertThat(snapshot("a").state()).isEqualTo(State.CLOSING);
        makeRoom();
        advance(DEADLINE);
        full();
        assertThat(expired(due)).isPresent();
    }

    @Test
    void recordsALateResult_whenRedisIsFull() {
        Part part = accepted(arrival("a", 1, true));
        advance(DEADLINE);
        expired(due(part));
        full();

        assertThat(collate(part)).isEqualTo(new Collated.Late());
        assertThat(snapshot("a").ending().orElseThrow().late()).isOne();
    }

    @Test
    void findsWhatIsDue_whenRedisIsFull() {
        delivered("a");
        advance(SETTINGS.retention());
        full();

        assertThat(answer(me().tick(10)).dueCollations()).hasSize(1);
    }

    @Test
    void joins_whenRedisIsFull() {
        full();

        assertThat(answer(store().join("third")).replica()).isEqualTo("third");
    }

    private Part accepted(Flow flow, String resource) {
        return ((Acceptance.Accepted) answer(me().accept(flow, arrivalOf(resource)))).part();
    }

    private static Arrival arrivalOf(String resource) {
        return new Arrival(resource, 1, true, "digest", "body", Optional.empty(), Optional.of("k of " + resource));
    }

    private static void full() {
        redis().command("CONFIG", "SET", "maxmemory", "1");
    }

    @AfterEach
    void makeRoom() {
        redis().command("CONFIG", "SET", "maxmemory", "0");
    }

    /** Enough packets for two chunks of digests. */
    private Delivery deliveredOfMany(String resource) {
        List<Part> parts = acceptedAll(resource, 1, 200);
        Delivery delivery = ended(together(parts, part -> me().collate(PACKETS, part, new PartResult.Output("1"))).get(199));
        answer(me().settle(delivery, new Settlement.Delivered(attempt(""))));
        return delivery;
    }

    private static List<String> keysOfResources() {
        return keys().filter(key -> key.matches(".*:(res|out|in|dlv):.*"))
                .toList();
    }

    private static Stream<String> keys() {
        return redis().command("KEYS", "anc:*").lines();
    }

    private static Arrival arrival(String resource, int index, boolean last) {
        return new Arrival(resource, index, last, "digest", "body", Optional.empty(), Optional.empty());
    }

    private static RedisProcess redis() {
        return fixture.redis();
    }
}
