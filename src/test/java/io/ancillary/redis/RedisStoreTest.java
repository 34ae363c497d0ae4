package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStoreContract;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.Membership.Retirement;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.testsupport.RedisProcess;

/** The contract on a real Redis, and what can be seen only in its keys. */
class RedisStoreTest extends CollationStoreContract {
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
        return fixture.store(new StoreSettings(partitions, SETTINGS.beat(), SETTINGS.lease(), SETTINGS.retention()));
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
    void keepsNothingOfAResourceForEver_onceItIsDelivered() {
        deliveredOfMany("a");

        assertThat(keysOfResources()).hasSize(5)
                .allSatisfy(key -> assertThat(Long.parseLong(redis().command("PTTL", key)))
                        .isBetween(SETTINGS.retention().toMillis(), SETTINGS.retention().plusHours(1).toMillis()));
    }

    @Test
    void keepsAResourceForEver_untilItIsDelivered() {
        waiting("a", Duration.ZERO);

        assertThat(keysOfResources()).hasSize(3)
                .allSatisfy(key -> assertThat(redis().command("PTTL", key)).isEqualTo("-1"));
    }

    @Test
    void leavesNoKey_whenRetired() {
        Delivery delivery = deliveredOfMany("a");
        advance(SETTINGS.retention());

        answer(me().retire(new Retirement(delivery.collation(), delivery.generation())));

        assertThat(keysOfResources()).isEmpty();
    }

    @Test
    void leavesNoKey_whenDropped() {
        deliveredOfMany("a");

        answer(store().drop(new CollationId("packets", "a")));

        assertThat(keysOfResources()).isEmpty();
    }

    @Test
    void leavesNothingOfAName_whenItWasTakenOver() {
        answer(other().accept(PACKETS, new Arrival("a", 1, true, "digest", "body")));
        answer(other().leave());

        answer(me().takeOver("other", 10));

        assertThat(keys()).noneMatch(key -> key.endsWith(":other"));
        assertThat(redis().command("ZRANGE", "anc:{0}:replicas", "0", "-1")).isEqualTo("me");
    }

    @Test
    void acceptsNothing_whenRedisIsFull() {
        full();

        assertThatThrownBy(() -> accepted(new Arrival("a", 1, false, "digest", "body")))
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

        assertThat(answer(me().settle(delivery, new Settlement.Failed(1, "status 500", Duration.ZERO)))).isTrue();
        assertThat(answer(me().claim(List.of(delivery.id())))).containsExactly(delivery.id());
        assertThat(answer(me().settle(delivery, new Settlement.Delivered(1)))).isTrue();
    }

    @Test
    void takesOver_whenRedisIsFull() {
        accepted(other(), new Arrival("a", 1, true, "digest", "body"));
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

        answer(me().retire(new Retirement(delivery.collation(), delivery.generation())));
        answer(store().drop(new CollationId("packets", "b")));

        assertThat(keysOfResources()).isEmpty();
    }

    @Test
    void findsWhatIsDue_whenRedisIsFull() {
        delivered("a");
        advance(SETTINGS.retention());
        full();

        assertThat(answer(me().tick(10)).retirements()).hasSize(1);
    }

    @Test
    void joins_whenRedisIsFull() {
        full();

        assertThat(answer(store().join("third")).replica()).isEqualTo("third");
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
        Delivery delivery = ended(together(parts, part -> me().collate(part, new PartResult.Output("1"))).get(199));
        answer(me().settle(delivery, new Settlement.Delivered(1)));
        return delivery;
    }

    private static List<String> keysOfResources() {
        return keys().filter(key -> key.matches(".*:(res|out|in|dlv):.*"))
                .toList();
    }

    private static Stream<String> keys() {
        return redis().command("KEYS", "anc:*").lines();
    }

    private static RedisProcess redis() {
        return fixture.redis();
    }
}
