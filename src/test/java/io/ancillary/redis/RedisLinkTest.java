package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.StoreUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;

class RedisLinkTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger dials = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();
    private final CompletableFuture<Thread> madeOn = new CompletableFuture<>();
    private final RedisLink link = new RedisLink(vertx, this::refusing, Duration.ofSeconds(2));

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Waits are 50 ms at first, and double. */
    @Test
    void dialsOnceAWait_howeverManyCallsComeMeanwhile() {
        long began = System.nanoTime();
        for (int i = 0; i < 300; i++) {
            assertThatThrownBy(() -> link.send(Request.cmd(Command.PING)).toCompletableFuture().join())
                    .hasCauseInstanceOf(StoreUnavailableException.class);
        }
        long waits = (System.nanoTime() - began) / Duration.ofMillis(50).toNanos();

        assertThat(dials.get()).isBetween(1, 1 + (int) waits);
    }

    @Test
    void makesItsClient_whereItsAnswersArrive() {
        CompletableFuture<Thread> answers = new CompletableFuture<>();
        link.executor().execute(() -> answers.complete(Thread.currentThread()));

        assertThatThrownBy(() -> link.send(Request.cmd(Command.PING)).toCompletableFuture().join())
                .hasCauseInstanceOf(StoreUnavailableException.class);

        assertThat(madeOn.join()).isSameAs(answers.join());
    }

    @Test
    void dialsNoMore_andClosesItsClient_onceClosed() {
        assertThatThrownBy(() -> link.send(Request.cmd(Command.PING)).toCompletableFuture().join())
                .hasCauseInstanceOf(StoreUnavailableException.class);
        link.close();
        CompletableFuture<Integer> before = new CompletableFuture<>();
        link.executor().execute(() -> before.complete(dials.get()));

        assertThatThrownBy(() -> link.send(Request.cmd(Command.PING)).toCompletableFuture().join())
                .hasCauseInstanceOf(StoreUnavailableException.class);

        assertThat(closes.get()).isOne();
        assertThat(dials.get()).isEqualTo(before.join());
    }

    @Test
    void runsWhatIsInNoHurry_behindTheNextAnswer() {
        try (RedisFixture fixture = new RedisFixture()) {
            RedisLink connected = fixture.link(Duration.ofSeconds(10));
            List<String> order = new CopyOnWriteArrayList<>();

            CompletionStage<Void> answered = connected.send(blocked(Duration.ofMillis(300)))
                    .thenAccept(answer -> order.add("answer"));
            CompletableFuture<Void> done = CompletableFuture.runAsync(() -> order.add("task"), connected.afterAnswer());

            CompletableFuture.allOf(answered.toCompletableFuture(), done).orTimeout(10, TimeUnit.SECONDS).join();
            assertThat(order).containsExactly("answer", "task");
        }
    }

    @Test
    void runsWhatIsInNoHurry_atOnceWhenNoAnswerIsAwaited() {
        CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
        }, link.afterAnswer());

        assertThat(done).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void runsWhatIsInNoHurry_onceTheAnswerIsGivenUp() {
        try (RedisFixture fixture = new RedisFixture()) {
            RedisLink connected = fixture.link(Duration.ofMillis(100));

            CompletableFuture<Boolean> failed = connected.send(blocked(Duration.ofSeconds(60)))
                    .handle((answer, failure) -> failure != null).toCompletableFuture();
            CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
            }, connected.afterAnswer());

            assertThat(done).succeedsWithin(Duration.ofSeconds(10));
            assertThat(failed).isCompletedWithValue(true);
        }
    }

    private static Request blocked(Duration time) {
        return Request.cmd(Command.BLPOP).arg("nothing").arg(String.valueOf(time.toMillis() / 1000.0));
    }

    private Redis refusing() {
        madeOn.complete(Thread.currentThread());
        return (Redis) Proxy.newProxyInstance(Redis.class.getClassLoader(), new Class<?>[] { Redis.class },
                (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        closes.incrementAndGet();
                        return null;
                    }
                    dials.incrementAndGet();
                    return Future.failedFuture("refused");
                });
    }
}
