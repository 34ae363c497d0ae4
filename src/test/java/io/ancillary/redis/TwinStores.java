package io.ancillary.redis;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Membership;
import io.ancillary.collation.ReferenceStore;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.collation.StoreSettings;
import io.ancillary.redis.Twin.Side;
import io.ancillary.testsupport.ManualClock;

/**
 * The reference model and Redis, asked the same and held to the same answers. What was asked is kept, so that a
 * difference tells how it came about.
 */
final class TwinStores {
    private final RedisFixture fixture;
    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final ReferenceStore model;
    private final List<Line> lines;
    private final Map<String, Line> linesOf = new HashMap<>();
    private final Twin<Aliases> aliases = Twin.of(side -> new Aliases());
    private final List<String> story = new ArrayList<>();
    private final Set<String> seen;

    /**
     * @param lines the connections to choose from: each replica joins over another
     * @param seen collects what kinds of answers there were
     */
    TwinStores(String title, RedisFixture fixture, List<Line> lines, StoreSettings settings, Set<String> seen) {
        this.fixture = fixture;
        this.model = new ReferenceStore(clock, settings);
        this.lines = lines;
        this.seen = seen;
        story.add(title);
        fixture.forgetEverything();
    }

    CollationStore store(Side side) {
        return side == Side.MODEL ? model : lines.get(0).store();
    }

    Twin<Membership> join(String name, int connection) {
        tell(name + " joins");
        linesOf.put(name, lines.get(connection));
        return Twin.of(side -> answer(storeOf(name, side).join(name)));
    }

    private CollationStore storeOf(String replica, Side side) {
        return side == Side.MODEL ? model : requireNonNull(linesOf.get(replica)).store();
    }

    /** The next call of this replica is one that it sent so long ago. */
    void setBackClockOf(String replica, Duration by) {
        requireNonNull(linesOf.get(replica)).clock().setBack(by);
    }

    Instant now() {
        return clock.instant();
    }

    void advance(Duration by) {
        tell(by + " pass");
        clock.advance(by);
        RedisTime.advance(fixture.redis(), by);
    }

    /** Asks both; empty when both failed, and that for the same reason. */
    <T> Optional<Twin<T>> ask(String what, Function<Side, CompletionStage<T>> call) {
        tell(what);
        return compared(Twin.of(side -> results(store(side), side, List.of(call)))).get(0);
    }

    /** What a replica asks: as one after another, but Redis gets all in as few calls as there can be. */
    <T> List<Optional<Twin<T>>> askTogether(String replica, String what, List<Function<Side, CompletionStage<T>>> calls) {
        tell(what);
        return compared(Twin.of(side -> results(storeOf(replica, side), side, calls)));
    }

    private <T> List<Optional<Twin<T>>> compared(Twin<List<Result<T>>> results) {
        assertThat(plain(Side.REDIS, results.redis())).as(this::story).isEqualTo(plain(Side.MODEL, results.model()));
        List<Optional<Twin<T>>> answers = new ArrayList<>();
        for (int i = 0; i < results.redis().size(); i++) {
            int at = i;
            Twin<Result<T>> result = results.map(list -> list.get(at));
            seen.add(kind(result.redis()));
            answers.add(result.model().failure().isEmpty() ? Optional.of(result.map(Result::answer)) : Optional.empty());
        }
        return answers;
    }

    private static <T> List<Result<T>> results(CollationStore store, Side side,
            List<Function<Side, CompletionStage<T>>> calls) {
        CompletableFuture<List<CompletionStage<T>>> asked = new CompletableFuture<>();
        store.executor().execute(() -> asked.complete(calls.stream().map(call -> call.apply(side)).toList()));
        return answer(asked).stream().map(Result::of).toList();
    }

    private static String kind(Result<?> result) {
        Object answer = result.answer() instanceof Optional<?> found ? found.orElse(null) : result.answer();
        if (answer instanceof Acceptance.Refused refused) {
            return refused.refusal().name();
        }
        if (answer instanceof Snapshot snapshot) {
            return snapshot.state() + (snapshot.ending().filter(Ending::byDeadline).isPresent() ? " out of time" : "");
        }
        return result.failure().map(Class::getSimpleName).orElseGet(() -> String.valueOf(answer).split("\\W", 2)[0]);
    }

    private <T> List<Object> plain(Side side, List<Result<T>> results) {
        return results.stream()
                .map(it -> it.failure().<Object> map(Class::getSimpleName).orElseGet(() -> plain(side, it.answer())))
                .toList();
    }

    Object plain(Side side, Object answer) {
        return answer == null ? "done" : aliases.on(side).plain(answer);
    }

    Aliases aliases(Side side) {
        return aliases.on(side);
    }

    /** What Redis keeps count of, as the model counts it. */
    void compareCounts(List<String> flows) {
        for (String flow : flows) {
            List<String> redisCounts = Stream.of(fixture.redis()
                    .command("HMGET", "anc:{0}:meta", "journal:" + flow, "open:" + flow, "undelivered:" + flow,
                            "waiting:" + flow,
                            "dead:" + flow)
                    .split("\n", -1))
                    .map(count -> count.isEmpty() ? "0" : count).toList();
            Map<String, Long> counts = model.counts(flow);
            assertThat(redisCounts).as(this::story).isEqualTo(Stream.of("journal", "open", "undelivered", "waiting", "dead")
                    .map(name -> String.valueOf(counts.get(name))).toList());
        }
    }

    /** What Redis keeps count of, as Redis holds it. */
    void checkCounts() {
        new RedisCounts(fixture.redis()).check(this);
    }

    /** Whether nothing is open, in a journal, put off or to be delivered. */
    boolean isIdle(List<String> flows) {
        return flows.stream().flatMap(flow -> model.counts(flow).values().stream()).allMatch(count -> count == 0);
    }

    void tell(String what) {
        story.add(what);
    }

    String story() {
        return String.join("\n", story);
    }

    static <T> T answer(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private record Result<T>(T answer, Optional<Class<?>> failure) {
        static <T> Result<T> of(CompletionStage<T> stage) {
            try {
                return new Result<>(TwinStores.answer(stage), Optional.empty());
            } catch (CompletionException e) {

                return new Result<>(null, Optional.of(e.getCause().getClass()));
            }
        }
    }
}
