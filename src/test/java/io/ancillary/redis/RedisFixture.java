package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.awaitility.Awaitility;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.StoreSettings;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;

/** A server of a test class' own, and stores on it, each with a connection of its own. */
public final class RedisFixture implements AutoCloseable {
    private final RedisProcess redis;
    private final Vertx vertx = Vertx.vertx();

    /** Options of the server are as on its command line. */
    public RedisFixture(String... options) {
        this.redis = RedisProcess.start(options);
    }

    public RedisProcess redis() {
        return redis;
    }

    /** A store that is connected. */
    public CollationStore store(StoreSettings settings) {
        return store(0, settings);
    }

    CollationStore store(int partition, StoreSettings settings) {
        return store(partition, settings, System::nanoTime);
    }

    Line line(StoreSettings settings) {
        SenderClock clock = new SenderClock();
        return new Line(store(0, settings, clock), clock);
    }

    /** That of one partition, for a replica with a clock of its own. */
    private CollationStore store(int partition, StoreSettings settings, LongSupplier nanos) {
        RedisLink link = new RedisLink(vertx, () -> Redis.createClient(vertx, redis.url()), RedisStores.CALL_TIMEOUT);
        CollationStore store = new RedisStore(Keys.of(partition), link, new ServerClock(nanos), settings);
        Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThatCode(
                () -> store.find(new CollationId("any", "any")).toCompletableFuture().get(5, TimeUnit.SECONDS))
                .doesNotThrowAnyException());
        return store;
    }

    Layout layout(StoreSettings settings) {
        return new Layout(link(RedisStores.CALL_TIMEOUT), settings);
    }

    /** The scripts as a replica calls them that has joined partition 0. */
    public ScriptCalls scripts(Membership joined, Flow flow, StoreSettings settings) {
        ServerClock clock = new ServerClock(System::nanoTime);
        clock.observe(1000 * Long.parseLong(redis.command("TIME").lines().findFirst().orElseThrow()));
        return new ScriptCalls(new Calls(joined.replica(), Keys.of(0), link(RedisStores.CALL_TIMEOUT), clock, settings), flow);
    }

    /** One that is connected. */
    RedisLink link(Duration timeout) {
        RedisLink link = new RedisLink(vertx, () -> Redis.createClient(vertx, redis.url()), timeout);
        Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThatCode(
                () -> link.send(Request.cmd(Command.PING)).toCompletableFuture().get(5, TimeUnit.SECONDS))
                .doesNotThrowAnyException());
        return link;
    }

    /** Submits items before the first of them can leave, so that they travel together, as far as a call has room. */
    public static <I, A> List<A> together(CollationStore store, List<I> items, Function<I, CompletionStage<A>> call) {
        return together(store.executor(), items, call).stream()
                .map(it -> it.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join()).toList();
    }

    /** Likewise, where it is this executor on which they leave; gives what is still to be answered. */
    static <I, A> List<CompletionStage<A>> together(Executor executor, List<I> items,
            Function<I, CompletionStage<A>> call) {
        CountDownLatch submitted = new CountDownLatch(1);
        executor.execute(() -> await(submitted));
        List<CompletionStage<A>> answers = items.stream().map(call).toList();
        submitted.countDown();
        return answers;
    }

    private static void await(CountDownLatch submitted) {
        try {
            submitted.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void forgetEverything() {
        redis.command("FLUSHALL");
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        redis.close();
    }
}
