package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Attempts;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Completion;
import io.ancillary.collation.DeadPart;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;

/** Somebody else wrote to the keys of one resource: no other is the worse for it, and nothing of it is lost. */
class BrokenKeysTest {
    private static final StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMinutes(1), Duration.ofMinutes(10),
            Duration.ofHours(2), Duration.ofHours(5));
    private static final Flow FLOW = new Flow("packets", new Shape(false, 1, false, false, false),
            new Limits(100, 100, 100, 100, 1000, 1000),
            new Times(Duration.ofHours(2), Duration.ofHours(1), Duration.ofHours(1)));
    private static final Flow SINGLE = new Flow("single", new Shape(true, 1, false, false, false), FLOW.limits(),
            FLOW.times());
    private static final Flow DEFERRING = new Flow("packets", new Shape(false, 1, false, false, true), FLOW.limits(),
            FLOW.times());
    private static final String COLLATION = "anc:{0}:res:packets:bad";
    private static final String DELIVERY = "anc:{0}:dlv:0-";
    private static final String OUTPUTS = "anc:{0}:out:packets:bad";

    private static RedisFixture fixture;
    private static CollationStore store;
    private Membership me;

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
        store = fixture.store(SETTINGS);
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @BeforeEach
    void join() {
        fixture.forgetEverything();
        me = answer(store.join("me"));
    }

    @Test
    void takesOthers_whenNothingCanBeTakenForOne() {
        redis("SET", COLLATION, "x");

        List<Acceptance> acceptances = Stream.of("a", "bad", "b").map(resource -> me.accept(FLOW, last(resource)))
                .toList().stream().map(BrokenKeysTest::answer).toList();

        assertThat(acceptances.get(0)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(acceptances.get(1)).isEqualTo(new Acceptance.Refused(Refusal.BROKEN));
        assertThat(acceptances.get(2)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(answer(me.journal("", 10))).extracting(part -> part.id().resource()).containsExactly("a", "b");
        assertThat(redis("HGET", "anc:{0}:meta", "journal:packets")).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = { "SET " + COLLATION + " x", "SET " + OUTPUTS + " x", "HSET " + COLLATION + " received many",
            "HDEL " + COLLATION + " deadline", "HDEL " + COLLATION + " first", "SET " + DELIVERY + "%s x",
            "HSET " + COLLATION + " max nan", "HSET " + COLLATION + " max 3000000000", "HSET " + COLLATION + " size 1e17" })
    void buriesThePart_andCollatesOthers(String breakage) {
        List<Part> parts = Stream.of("a", "bad", "b").map(this::accepted).toList();
        redis(breakage.formatted(parts.get(1).generation()).split(" ", -1));

        List<Collated> collated = parts.stream().map(part -> me.collate(FLOW, part, new PartResult.Output("1"))).toList()
                .stream().map(BrokenKeysTest::answer).toList();

        assertThat(collated.get(0)).isInstanceOf(Collated.Ended.class);
        assertThat(collated.get(1)).isInstanceOf(Collated.Broken.class);
        assertThat(collated.get(2)).isInstanceOf(Collated.Ended.class);
        assertThat(answer(me.journal("", 10))).isEmpty();
        assertThat(redis("HMGET", "anc:{0}:meta", "journal:packets", "dead:packets")).isEqualTo("0\n1");
        assertThat(answer(store.deadParts(DeadPart.Place.START, 10))).singleElement().satisfies(dead -> {
            assertThat(dead.name()).isEqualTo(parts.get(1).name());
            assertThat(dead.error()).startsWith("what is kept of its resource cannot be used: ");
        });
    }

    @Test
    void takesOthersForWhatTheyAre_whenAGenerationHasBecomeTwoWords() {
        accepted("bad");
        redis("HSET", COLLATION, "gen", "x y");

        List<Acceptance> acceptances = Stream.of("a", "bad", "b")
                .map(resource -> me.accept(FLOW,
                        resource.equals("bad")
                                ? new Arrival("bad", 2, false, "digest-2", "body", Optional.empty(), Optional.empty())
                                : last(resource)))
                .toList().stream().map(BrokenKeysTest::answer).toList();

        assertThat(acceptances.get(1)).isEqualTo(new Acceptance.Refused(Refusal.BROKEN));
        Part behind = ((Acceptance.Accepted) acceptances.get(2)).part();
        assertThat(answer(me.collate(FLOW, behind, new PartResult.Output("1")))).isInstanceOf(Collated.Ended.class);
    }

    /** It has ended, and nobody can read all of it: that is for its delivery to find, and no part's fault. */
    @ParameterizedTest
    @ValueSource(strings = { "HSET " + COLLATION + " created abc", "ZADD " + OUTPUTS + " 5 junk" })
    void collatesOthers_whenAnOutcomeCannotBeRead(String breakage) {
        List<Part> parts = Stream.of("a", "bad", "b").map(this::accepted).toList();
        redis(breakage.split(" ", -1));

        List<Collated> collated = parts.stream().map(part -> me.collate(FLOW, part, new PartResult.Output("1"))).toList()
                .stream().map(BrokenKeysTest::answer).toList();

        assertThat(collated).allSatisfy(one -> assertThat(one).isInstanceOf(Collated.Ended.class));
        assertThat(collated).extracting(one -> ((Collated.Ended) one).outcome().isPresent())
                .containsExactly(true, false, true);
    }

    @Test
    void tellsAnOutcome_whenWhatCannotBeReadIsNoPartOfIt() {
        Part bad = accepted("bad");
        redis("HSET", COLLATION, "late", "many");

        Collated collated = answer(me.collate(FLOW, bad, new PartResult.Output("1")));

        assertThat(((Collated.Ended) collated).outcome()).isPresent();
    }

    @Test
    void takesNothing_whileItsDeliveriesCannotBeWrittenDown() {
        Part part = accepted("a");
        redis("SET", "anc:{0}:flight:me", "x");

        assertThat(me.collate(FLOW, part, new PartResult.Output("1")).toCompletableFuture()
                .handle((collated, failure) -> failure != null).join()).isTrue();

        redis("DEL", "anc:{0}:flight:me");
        assertThat(answer(me.collate(FLOW, part, new PartResult.Output("1")))).isInstanceOf(Collated.Ended.class);
    }

    /**
     * A call that ended something and failed is not carried out again: that what it began is in flight is all there is of it.
     */
    @Test
    void hasADeliveryInFlight_whenTheCountsCannotBeKept() {
        Part part = accepted("a");
        redis("HSET", "anc:{0}:meta", "journal:packets", "many");

        me.collate(FLOW, part, new PartResult.Output("1")).toCompletableFuture().handle((collated, failure) -> failure).join();

        assertThat(answer(me.inFlight())).containsExactly("0-" + part.generation());
    }

    @Test
    void hasADeliveryInFlightAtItsDeadline_whenWhatWasSetAsideCannotBeForgotten() {
        Part part = ((Acceptance.Accepted) answer(me.accept(DEFERRING, last("a")))).part();
        answer(me.collate(DEFERRING, part, new PartResult.Deferred(1)));
        redis("SET", "anc:{0}:wakes:packets:a", "x");
        RedisTime.advance(fixture.redis(), DEFERRING.times().deadline());

        answer(me.tick(10)).dueCollations()
                .forEach(it -> me.expire(it).toCompletableFuture().handle((ended, failure) -> failure).join());

        assertThat(answer(me.inFlight())).containsExactly("0-" + part.generation());
    }

    @Test
    void leavesADeliveryInFlight_whenItCannotBeSettled_butSettlesOthers() {
        List<Delivery> deliveries = Stream.of("bad", "b").map(this::accepted)
                .map(part -> ((Collated.Ended) answer(me.collate(FLOW, part, new PartResult.Output("1")))).delivery()).toList();
        redis("SET", COLLATION, "x");

        List<Boolean> settled = deliveries.stream().map(it -> me.settle(it, new Settlement.Delivered(Attempts.attempt(""))))
                .toList().stream().map(BrokenKeysTest::answer).toList();

        assertThat(settled).containsExactly(false, true);
        assertThat(answer(me.inFlight())).containsExactly(deliveries.get(0).id());
    }

    @Test
    void settlesADelivery_whenItsCollationIsGone_andMakesNoOther() {
        Delivery delivery = ended("bad");
        redis("DEL", COLLATION);

        assertThat(answer(me.settle(delivery, new Settlement.Delivered(Attempts.attempt(""))))).isTrue();

        assertThat(answer(me.inFlight())).isEmpty();
        assertThat(redis("EXISTS", COLLATION)).isEqualTo("0");
        assertThat(redis("HGET", "anc:{0}:meta", "undelivered:packets")).isEqualTo("0");
        expireWhatIsDue();
        assertThat(redis("EXISTS", OUTPUTS, "anc:{0}:dlv:" + delivery.id())).as("what was left of it").isEqualTo("0");
    }

    /** Of a single part nothing is asked first of its collation. */
    @Test
    void settlesASinglePartsDelivery_whenItsCollationIsGone_andMakesNoOther() {
        Delivery delivery = ended(SINGLE, "0-single");
        redis("DEL", "anc:{0}:res:single:0-single");

        assertThat(answer(me.settle(delivery, new Settlement.Delivered(Attempts.attempt(""))))).isTrue();

        assertThat(redis("EXISTS", "anc:{0}:res:single:0-single")).isEqualTo("0");
        assertThat(answer(me.inFlight())).isEmpty();
    }

    @Test
    void leavesASinglePartsDeliveryInFlight_whenItsCollationIsNone() {
        Delivery delivery = ended(SINGLE, "0-single");
        redis("SET", "anc:{0}:res:single:0-single", "somebody's");

        assertThat(answer(me.settle(delivery, new Settlement.Delivered(Attempts.attempt(""))))).isFalse();

        assertThat(answer(me.inFlight())).containsExactly(delivery.id());
        assertThat(redis("GET", "anc:{0}:res:single:0-single")).isEqualTo("somebody's");
        assertThat(redis("HGET", "anc:{0}:dlv:" + delivery.id(), "status")).isEqualTo("pending");
    }

    @ParameterizedTest
    @ValueSource(strings = { "anc:{0}:due", "anc:{0}:meta" })
    void settlesNothing_whileWhatAllShareCannotBeWritten(String broken) {
        Delivery mine = ended("bad");
        redis("RENAME", broken, "{0}kept");
        redis("SET", broken, "x");
        assertThat(me.settle(mine, new Settlement.Delivered(Attempts.attempt(""))).toCompletableFuture()
                .handle((settled, failure) -> failure != null).join()).isTrue();
        redis("RENAME", "{0}kept", broken);

        assertThat(answer(me.inFlight())).containsExactly(mine.id());
        assertThat(answer(me.settle(mine, new Settlement.Delivered(Attempts.attempt(""))))).isTrue();
        assertThat(redis("HGET", "anc:{0}:meta", "undelivered:packets")).isEqualTo("0");
    }

    /** Somebody took its collation away, and its client began anew: that is another life, with an outcome of its own. */
    @Test
    void leavesANewerLifeAlone_whenADeliveryOfTheOneBeforeIsSettled() {
        Delivery old = ended("bad");
        redis("DEL", COLLATION, OUTPUTS);
        Part part = accepted("bad");

        answer(me.settle(old, new Settlement.Delivered(Attempts.attempt(""))));

        assertThat(redis("PTTL", COLLATION)).isEqualTo("-1");
        assertThat(Long.parseLong(redis("PTTL", "anc:{0}:dlv:" + old.id()))).isPositive();
        Delivery mine = ((Collated.Ended) answer(me.collate(FLOW, part, new PartResult.Output("1")))).delivery();
        answer(me.settle(mine, new Settlement.Failed(Attempts.attempt("status 500"), Duration.ofHours(9))));
        expireWhatIsDue();
        assertThat(answer(store.pending(mine.id()))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = { "anc:{0}:outbox", "anc:{0}:dead:letters" })
    void keepsADelivery_whenItsDeathCannotBeWrittenDown(String broken) {
        Delivery mine = ended("bad");
        redis("SET", broken, "x");
        assertThat(answer(me.settle(mine, new Settlement.Dead(Attempts.attempt("status 410"))))).isFalse();
        redis("DEL", broken);

        expireWhatIsDue();

        assertThat(answer(store.pending(mine.id()))).isPresent();
        assertThat(answer(me.inFlight())).containsExactly(mine.id());
        assertThat(redis("PTTL", COLLATION)).isEqualTo("-1");
    }

    @ParameterizedTest
    @ValueSource(strings = { "nan", "inf" })
    void settlesADelivery_whoseAttemptsAreNoNumber(String attempts) {
        Delivery mine = ended("bad");
        redis("HSET", DELIVERY.replace("0-", mine.id()), "attempts", attempts);

        assertThat(answer(me.settle(mine, new Settlement.Delivered(Attempts.attempt(""))))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "deadline nan", "max nan", "max 3000000000", "received nan", "received inf" })
    void takesOthers_whenWhatIsKeptOfOneIsNoNumber(String field) {
        answer(me.accept(FLOW, new Arrival("bad", 1, false, "digest", "body", Optional.empty(), Optional.empty())));
        redis(("HSET " + COLLATION + " " + field).split(" "));

        List<Acceptance> acceptances = RedisFixture.together(store, List.of("a", "bad"), resource -> me.accept(FLOW,
                new Arrival(resource, 2, true, "digest-2", "body", Optional.empty(), Optional.empty())));

        assertThat(acceptances.get(0)).isInstanceOf(Acceptance.Accepted.class);
        assertThat(acceptances.get(1)).isEqualTo(new Acceptance.Refused(Refusal.BROKEN));
        assertThat(answer(me.accept(FLOW,
                new Arrival("bad", 1, false, "digest", "body", Optional.empty(), Optional.empty()))))
                .isInstanceOf(Acceptance.Repeated.class);
        assertThat(answer(me.accept(FLOW,
                new Arrival("bad", 1, false, "digest-2", "body", Optional.empty(), Optional.empty()))))
                .isEqualTo(new Acceptance.Refused(Refusal.CONTENT_CONFLICT));
    }

    private Delivery ended(String resource) {
        return ended(FLOW, resource);
    }

    private Delivery ended(Flow flow, String resource) {
        Part part = ((Acceptance.Accepted) answer(me.accept(flow, last(resource)))).part();
        return ((Collated.Ended) answer(me.collate(flow, part, new PartResult.Output("1")))).delivery();
    }

    private void expireWhatIsDue() {
        RedisTime.advance(fixture.redis(), FLOW.times().deadline());
        answer(me.tick(10)).dueCollations()
                .forEach(it -> me.expire(it).toCompletableFuture().handle((ended, failure) -> failure).join());
    }

    @Test
    void completesAfterARetry_onceItIsPutRight() {
        Part bad = accepted("bad");
        redis("SET", OUTPUTS, "x");
        answer(me.collate(FLOW, bad, new PartResult.Output("1")));
        assertThat(me.retry(bad.name()).toCompletableFuture().handle((retried, failure) -> failure != null).join())
                .as("not yet put right").isTrue();
        assertThat(answer(store.deadParts(DeadPart.Place.START, 10))).hasSize(1);
        redis("DEL", OUTPUTS);

        Part again = answer(me.retry(bad.name())).orElseThrow();

        assertThat(again.body()).isEqualTo(bad.body());
        assertThat(answer(me.collate(FLOW, again, new PartResult.Output("1")))).isInstanceOf(Collated.Ended.class);
        assertThat(answer(store.deadParts(DeadPart.Place.START, 10))).isEmpty();
        assertThat(redis("HGET", "anc:{0}:meta", "dead:packets")).isEqualTo("0");
        assertThat(redis("EXISTS", "anc:{0}:wait:packets:bad")).isEqualTo("0");
    }

    @Test
    void leavesItWhereItIs_whenNotEvenItsDeathCanBeWrittenDown() {
        Part bad = accepted("bad");
        redis("SET", OUTPUTS, "x");
        redis("SET", "anc:{0}:wait:packets:bad", "x");

        assertThat(answer(me.collate(FLOW, bad, new PartResult.Output("1")))).isInstanceOf(Collated.Stuck.class);

        assertThat(answer(me.journal("", 10))).containsExactly(bad);
    }

    @Test
    void takesNoCompletion_butThatOfOthers() {
        Part bad = accepted("bad");
        Part good = accepted("good");
        redis("SET", OUTPUTS, "x");

        CompletionStage<Completion> first = me.complete(FLOW, bad.name(), new PartResult.Output("1"));
        CompletionStage<Completion> second = me.complete(FLOW, good.name(), new PartResult.Output("1"));

        assertThat(answer(first)).isEqualTo(new Completion.Broken());
        assertThat(answer(second)).isInstanceOf(Completion.Taken.class);
    }

    @Test
    void looksAtItAgainLater_whenItsTimeHasCome() {
        accepted("bad");
        accepted("good");
        redis("SET", COLLATION, "x");
        RedisTime.advance(fixture.redis(), FLOW.times().deadline());

        List<Due> due = answer(me.tick(10)).dueCollations();
        assertThat(due).hasSize(2);
        due.forEach(it -> me.expire(it).toCompletableFuture().handle((ended, failure) -> ended).join());

        assertThat(answer(me.tick(10)).dueCollations()).isEmpty();
        assertThat(answer(store.find(new CollationId("packets", "good"))).orElseThrow().ending()).isPresent();
        RedisTime.advance(fixture.redis(), Duration.ofMinutes(1));
        assertThat(answer(me.tick(10)).dueCollations()).extracting(it -> it.id().resource()).containsExactly("bad");
    }

    private Part accepted(String resource) {
        return ((Acceptance.Accepted) answer(me.accept(FLOW, last(resource)))).part();
    }

    private static Arrival last(String resource) {
        return new Arrival(resource, 1, true, "digest", "body of " + resource, Optional.empty(),
                Optional.empty());
    }

    private static String redis(String... command) {
        return fixture.redis().command(command);
    }

    private static <T> T answer(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
