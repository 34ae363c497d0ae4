package io.ancillary.redis;

import static io.ancillary.collation.Attempts.attempt;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Collected;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership;
import io.ancillary.collation.OutcomePage;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.StoreSettings;

/** Several parts of one resource in one call: each gets the answer it would get alone, after those before it. */
class GroupedPartsTest {
    private static final StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMinutes(1), Duration.ofMinutes(10),
            Duration.ofHours(2), Duration.ofHours(5));
    private static final int JOURNAL = 100;
    private static final int OUTPUT_BYTES = 1000;
    private static final Flow FLOW = flow(JOURNAL, false);
    private static final Flow DEFERRING = flow(JOURNAL, true);
    private static final String COLLATION = "anc:{0}:res:packets:a";
    private static final String CHUNK = "anc:{0}:in:packets:a:0";

    private static RedisFixture fixture;
    private static CollationStore store;
    private Membership me;

    private static Flow flow(int journal, boolean deferring) {
        return new Flow("packets", new Shape(false, 1, false, false, deferring),
                new Limits(journal, 100, 100, 100, 1000, OUTPUT_BYTES),
                new Times(Duration.ofHours(2), Duration.ofHours(1), Duration.ofHours(1)));
    }

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
        me = store.join("me").toCompletableFuture().join();
    }

    @Test
    void tellsRepeatsAndConflicts_whenOneIndexComesAgain() {
        assertThat(accept(packet("a", 1), packet("a", 1), packet("b", 1), other("a", 1), packet("a", 2)))
                .containsExactly("accepted", "repeated a", "accepted", "CONTENT_CONFLICT", "accepted");

        assertThat(journal()).containsExactly("a 1", "b 1", "a 2");
        assertThat(snapshot("a").progress().received()).isEqualTo(2);
        assertThat(accept(packet("a", 2), other("a", 1))).containsExactly("repeated a", "CONTENT_CONFLICT");
    }

    @Test
    void refusesWhatIsBeyondTheLast_whenThatCameEarlierInTheCall() {
        assertThat(accept(packet("a", 1), last("a", 3), packet("a", 4), last("a", 2), packet("a", 2)))
                .containsExactly("accepted", "accepted", "INDEX_BEYOND_LAST", "LAST_CONFLICT", "accepted");

        assertThat(snapshot("a").progress().last()).hasValue(3);
        assertThat(due("a")).as("nothing is missing").isEqualTo(deadline("a"));
    }

    @Test
    void waitsForTheGap_whenTheLastCameAndOthersAreMissing() {
        assertThat(accept(packet("a", 1), last("a", 3))).containsOnly("accepted");

        assertThat(due("a")).isEqualTo(deadline("a") - Duration.ofHours(1).toMillis());
    }

    @Test
    void waitsForTheDeadlineAgain_whenWhatWasMissingComesLater() {
        accept(last("a", 3));

        assertThat(accept(packet("a", 1), packet("a", 2))).containsOnly("accepted");

        assertThat(due("a")).isEqualTo(deadline("a"));
    }

    @Test
    void refusesALastBelowAnother_whenThatCameEarlierInTheCall() {
        assertThat(accept(packet("a", 3), last("a", 2), last("a", 4)))
                .containsExactly("accepted", "LAST_CONFLICT", "accepted");
    }

    @Test
    void keepsTheFirstCallback_whenTheCallHasTwo() {
        assertThat(accept(packet("a", 1), packet("a", 2, "http://one/"), packet("a", 3, "http://two/"), packet("a", 4),
                packet("a", 5, "http://one/")))
                .containsExactly("accepted", "accepted", "CONTENT_CONFLICT", "accepted", "accepted");

        assertThat(snapshot("a").terms().callback()).contains("http://one/");
    }

    @Test
    void leavesTheLastTenthOfTheJournalToWhatIsOpen_inTheOrderOfTheCall() {
        Flow small = flow(10, false);

        assertThat(accept(small, Stream.of(packet("a", 1), packet("b", 1), packet("a", 2), packet("b", 2), packet("a", 3),
                packet("a", 4), packet("a", 5), packet("a", 6), packet("a", 7), packet("c", 1), packet("b", 3),
                packet("a", 8)).toList()))
                .containsExactly("accepted", "accepted", "accepted", "accepted", "accepted", "accepted", "accepted", "accepted",
                        "accepted", "OVER_CAPACITY", "accepted", "OVER_CAPACITY");
    }

    @Test
    void takesOthers_whenOneChunkCannotBeUsed() {
        fixture.redis().command("SET", CHUNK, "x");

        assertThat(accept(packet("a", 64), packet("a", 65), packet("b", 65), packet("a", 66), packet("a", 63)))
                .containsExactly("accepted", "BROKEN", "accepted", "BROKEN", "accepted");
        fixture.redis().command("DEL", CHUNK);

        assertThat(journal()).containsExactly("a 64", "b 65", "a 63");
        assertThat(accept(packet("a", 64), packet("a", 65), packet("a", 65), packet("a", 66)))
                .containsExactly("repeated a", "accepted", "repeated a", "accepted");
    }

    @Test
    void tellsRepeats_whenDigestsAreInChunks() {
        accept(packet("a", 65), packet("a", 193), packet("a", 70));

        assertThat(accept(packet("a", 70), packet("a", 66), other("a", 193), packet("a", 194), packet("a", 65)))
                .containsExactly("repeated a", "accepted", "CONTENT_CONFLICT", "accepted", "repeated a");
        assertThat(store.received(snapshot("a")).toCompletableFuture().join().stream())
                .containsExactly(65, 66, 70, 193, 194);
    }

    @Test
    void tellsRepeats_butTakesNothing_whenWhatIsKeptIsNoNumber() {
        accept(packet("a", 1));
        fixture.redis().command("HSET", COLLATION, "received", "many");

        assertThat(accept(packet("a", 1), packet("a", 2), packet("b", 1)))
                .containsExactly("repeated a", "BROKEN", "accepted");
        assertThat(journal()).containsExactly("a 1", "b 1");
    }

    @Test
    void takesNothing_whenWhatIsDueCannotBeWrittenDown() {
        fixture.redis().command("SET", "anc:{0}:due", "x");

        assertThat(accept(packet("a", 1), packet("a", 1), packet("a", 2))).containsOnly("BROKEN");

        assertThat(journal()).isEmpty();
        assertThat(fixture.redis().command("HMGET", "anc:{0}:meta", "journal:packets", "open:packets").strip()).isEmpty();
    }

    @Test
    void collatesOnce_whenOnePartComesTwice() {
        List<Part> parts = parts(packet("a", 1), last("a", 2));

        List<Collated> collated = collate(FLOW, parts.get(0), parts.get(0), parts.get(1), parts.get(1));

        assertThat(collated.get(0)).isEqualTo(new Collated.Added());
        assertThat(collated.get(1)).isEqualTo(new Collated.Lost());
        assertThat(collated.get(3)).isEqualTo(new Collated.Lost());
        assertThat(results(collated.get(2))).extracting(Collected::index).containsExactly(1, 2);
    }

    @Test
    void tellsWhatEnded_ofASinglePartToo() {
        Flow sessions = new Flow("sessions", new Shape(true, 1, true, true, false),
                new Limits(JOURNAL, 100, 100, 100, 1000, OUTPUT_BYTES), FLOW.times());
        Acceptance accepted = me.accept(sessions, new Arrival("0-abc", 1, true, "digest", "{\"all\":\"of it\"}",
                Optional.of("http://one/"), Optional.empty())).toCompletableFuture().join();

        Collated collated = collate(sessions, ((Acceptance.Accepted) accepted).part()).get(0);

        assertThat(results(collated)).extracting(Collected::index).containsExactly(1);
        Snapshot told = ((Collated.Ended) collated).outcome().orElseThrow().of();
        assertThat(told.terms().request()).contains("{\"all\":\"of it\"}");
        assertThat(told.ending().orElseThrow().output()).contains("1");
    }

    @Test
    void tellsTheOutputOfASinglePartOnce_whereAVersionBeforeKeptItAmongTheOutputsToo() {
        Flow sessions = new Flow("sessions", new Shape(true, 1, true, true, false),
                new Limits(JOURNAL, 100, 100, 100, 1000, OUTPUT_BYTES), FLOW.times());
        Acceptance accepted = me.accept(sessions, new Arrival("0-abc", 1, true, "digest", "{}", Optional.of("http://one/"),
                Optional.empty())).toCompletableFuture().join();
        Collated collated = collate(sessions, ((Acceptance.Accepted) accepted).part()).get(0);
        fixture.redis().command("ZADD", "anc:{0}:out:sessions:0-abc", "1", "1=1");

        assertThat(store.outcome(((Collated.Ended) collated).delivery(), 0).toCompletableFuture().join().orElseThrow()
                .results()).extracting(Collected::index).containsExactly(1);
    }

    @Test
    void takesWhatIsOpen_whenNothingNewCanBeListed() {
        accept(packet("a", 1));
        fixture.redis().command("SET", "anc:{0}:recent:packets", "x");

        assertThat(accept(last("a", 3), packet("b", 1))).containsExactly("accepted", "BROKEN");

        assertThat(journal()).containsExactly("a 1", "a 3");
        assertThat(due("a")).isLessThan(deadline("a"));
    }

    @Test
    void endsEachResource_whenPartsOfManyAreMixed() {
        List<Part> parts = parts(packet("a", 1), packet("b", 1), last("b", 2), last("a", 2));

        List<Collated> collated = collate(FLOW, parts.get(3), parts.get(1), parts.get(0), parts.get(2));

        assertThat(collated.subList(0, 2)).containsOnly(new Collated.Added());
        assertThat(((Collated.Ended) collated.get(2)).delivery().collation().resource()).isEqualTo("a");
        assertThat(((Collated.Ended) collated.get(3)).delivery().collation().resource()).isEqualTo("b");
        assertThat(results(collated.get(3))).extracting(Collected::index).containsExactly(1, 2);
    }

    @Test
    void failsThePartThatIsTooMuch_andNoOther() {
        List<Part> parts = parts(packet("a", 1), packet("a", 2), last("a", 3));
        PartResult half = new PartResult.Output("1".repeat(OUTPUT_BYTES / 2));

        List<Collated> collated = RedisFixture.together(store, parts,
                part -> me.collate(FLOW, part, half));
        assertThat(collated.subList(0, 2)).containsOnly(new Collated.Added());

        Snapshot snapshot = snapshot("a");
        assertThat(snapshot.progress().processed()).isEqualTo(2);
        assertThat(snapshot.progress().failed()).isOne();
        assertThat(((Collated.Ended) collated.get(2)).delivery().bytes()).isEqualTo(OUTPUT_BYTES);
        assertThat(results(collated.get(2))).extracting(Collected::index).containsExactly(1, 2, 3);
    }

    @Test
    void tellsOneLifeFromAnother_whenPartsOfBothComeTogether() {
        List<Part> before = parts(packet("a", 1), last("a", 2));
        store.drop(new CollationId("packets", "a")).toCompletableFuture().join();
        Part after = parts(last("a", 1)).get(0);

        List<Collated> collated = collate(FLOW, before.get(0), after, before.get(1));

        assertThat(collated.get(0)).isEqualTo(new Collated.Stale());
        assertThat(collated.get(1)).isInstanceOf(Collated.Ended.class);
        assertThat(collated.get(2)).isEqualTo(new Collated.Stale());
    }

    @Test
    void recordsEachLateResult_whenTheyComeTogether() {
        List<Part> parts = parts(packet("a", 1), last("a", 2));
        RedisTime.advance(fixture.redis(), Duration.ofHours(2));
        me.expire(new Membership.Due(parts.get(0).id(), parts.get(0).generation())).toCompletableFuture().join();

        assertThat(collate(FLOW, parts.get(0), parts.get(1))).containsOnly(new Collated.Late());

        assertThat(snapshot("a").ending().orElseThrow().late()).isEqualTo(2);
    }

    @Test
    void buriesEachPart_whenTheirResourceCannotBeUsed() {
        List<Part> parts = parts(packet("a", 1), last("b", 1), last("a", 2));
        fixture.redis().command("SET", "anc:{0}:out:packets:a", "x");

        List<Collated> collated = collate(FLOW, parts.get(0), parts.get(1), parts.get(2));

        assertThat(collated.get(0)).isInstanceOf(Collated.Broken.class);
        assertThat(collated.get(1)).isInstanceOf(Collated.Ended.class);
        assertThat(collated.get(2)).isInstanceOf(Collated.Broken.class);
        assertThat(journal()).isEmpty();
    }

    @Test
    void parksThosePutOff_andAddsTheOthers() {
        List<Part> parts = parts(packet("a", 1), packet("a", 2), last("a", 3));

        List<Collated> collated = RedisFixture.together(store, parts, part -> me.collate(DEFERRING, part,
                part.index() == 2 ? new PartResult.Deferred(1) : new PartResult.Output("1")));

        assertThat(collated).containsExactly(new Collated.Added(), new Collated.Parked(), new Collated.Added());
        assertThat(snapshot("a").progress().processed()).isEqualTo(2);
        assertThat(snapshot("a").progress().waiting()).isOne();
    }

    @Test
    void settlesEach_whenTheyComeTogether() {
        List<Delivery> deliveries = collate(FLOW, parts(last("a", 1), last("b", 1), last("c", 1)).toArray(Part[]::new))
                .stream().map(it -> ((Collated.Ended) it).delivery()).toList();
        fixture.redis().command("SET", "anc:{0}:res:packets:b", "x");

        assertThat(RedisFixture.together(store, deliveries, delivery -> me.settle(delivery,
                new Settlement.Delivered(attempt(""))))).containsExactly(true, false, true);

        assertThat(fixture.redis().command("HGET", "anc:{0}:meta", "undelivered:packets")).isEqualTo("1");
        assertThat(me.inFlight().toCompletableFuture().join()).containsExactly(deliveries.get(1).id());
    }

    private List<String> accept(Arrival... arrivals) {
        return accept(FLOW, List.of(arrivals));
    }

    private List<String> accept(Flow flow, List<Arrival> arrivals) {
        return RedisFixture.together(store, arrivals, arrival -> me.accept(flow, arrival)).stream().map(answer -> {
            if (answer instanceof Acceptance.Accepted) {
                return "accepted";
            }
            return answer instanceof Acceptance.Repeated repeated ? "repeated " + repeated.resource()
                    : ((Acceptance.Refused) answer).refusal().name();
        }).toList();
    }

    private List<Part> parts(Arrival... arrivals) {
        return RedisFixture.together(store, List.of(arrivals), arrival -> me.accept(FLOW, arrival)).stream()
                .map(answer -> ((Acceptance.Accepted) answer).part()).toList();
    }

    private List<Collated> collate(Flow flow, Part... parts) {
        return RedisFixture.together(store, List.of(parts), part -> me.collate(flow, part, new PartResult.Output("1")));
    }

    /** Of a small outcome, which is told with the answer, just as it is read by whoever makes the delivery another time. */
    private static List<Collected> results(Collated collated) {
        Collated.Ended ended = (Collated.Ended) collated;
        Optional<OutcomePage> read = store.outcome(ended.delivery(), 0).toCompletableFuture().join();
        assertThat(ended.outcome()).isEqualTo(read);
        return read.orElseThrow().results();
    }

    private static Snapshot snapshot(String resource) {
        return store.find(new CollationId("packets", resource)).toCompletableFuture().join().orElseThrow();
    }

    private List<String> journal() {
        return me.journal("", JOURNAL).toCompletableFuture().join().stream()
                .map(part -> part.id().resource() + " " + part.index()).toList();
    }

    private static long due(String resource) {
        return Long.parseLong(fixture.redis().command("ZSCORE", "anc:{0}:due",
                "packets " + snapshot(resource).generation() + " " + resource));
    }

    private static long deadline(String resource) {
        return snapshot(resource).times().deadline().toEpochMilli();
    }

    private static Arrival packet(String resource, int index) {
        return arrival(resource, index, false, "digest " + index, Optional.empty());
    }

    private static Arrival packet(String resource, int index, String callback) {
        return arrival(resource, index, false, "digest " + index, Optional.of(callback));
    }

    private static Arrival last(String resource, int index) {
        return arrival(resource, index, true, "digest " + index, Optional.empty());
    }

    private static Arrival other(String resource, int index) {
        return arrival(resource, index, false, "another", Optional.empty());
    }

    private static Arrival arrival(String resource, int index, boolean last, String digest, Optional<String> callback) {
        return new Arrival(resource, index, last, digest, "body", callback, Optional.empty());
    }
}
