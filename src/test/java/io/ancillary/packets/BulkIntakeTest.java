package io.ancillary.packets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ProblemWriter;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.Router;

/** One body after another, with an engine that says when it has room. */
class BulkIntakeTest {
    private static final Acceptance REPEATED = new Acceptance.Repeated("1");
    private static final int PACKETS = 500;
    private static final int MANY_MORE = 20_000;
    private static final Duration SOON = Duration.ofSeconds(10);
    /** Longer than what waits is left alone at most. */
    private static final Duration LONG = Duration.ofMillis(1500);

    private final Vertx vertx = Vertx.vertx();
    private final BulkRoom room = new BulkRoom();
    private final BulkRoom roomToBegin = new BulkRoom();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Acceptance answer = new Acceptance.Refused(Refusal.OVER_CAPACITY);
    private final HttpServer server = start();

    private HttpServer start() {
        ObjectMapper json = new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
        PacketReader reader = new PacketReader(new PacketLimits(20_000, 100_000, 1), new CallbackPolicy(List.of(), List.of(),
                List.of(), List.of(), name -> Uni.createFrom().failure(new AssertionError("resolves " + name))));
        Router router = Router.router(vertx);
        router.route().handler(context -> {
            context.request().pause();
            BulkIntake intake = new BulkIntake(context, this::accept, room, roomToBegin, reader,
                    BulkIntakeTest::none, new ProblemWriter(json), json);
            intake.begin(new Splitter.Lines(BulkIntake.MOST_BYTES_OF_ONE, intake));
        });
        return done(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }

    private CompletionStage<Acceptance> accept(Arrival arrival) {
        asked.incrementAndGet();
        return CompletableFuture.completedFuture(answer);
    }

    private static ProblemException none(Packet packet, Refusal why) {
        throw new AssertionError(why);
    }

    @AfterEach
    void close() {
        done(vertx.close());
    }

    private static String lines(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "{\"resource_id\":1,\"payload\":\"a\",\"packet_index\":" + i + "}\n")
                .collect(Collectors.joining());
    }

    private NetSocket send(String body, CompletableFuture<String> answered) {
        NetSocket socket = done(vertx.createNetClient().connect(server.actualPort(), "127.0.0.1"));
        StringBuilder text = new StringBuilder();
        socket.handler(bytes -> {
            text.append(bytes);
            if (text.indexOf("}") > 0) {
                answered.complete(text.toString());
            }
        });
        done(socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
        return socket;
    }

    /** Whether it was asked for or waits behind others. */
    private void awaitAllRead() {
        await().atMost(SOON).until(() -> room.taken() == lines(PACKETS).length() - PACKETS);
    }

    @Test
    void asksForOneAtATime_whenThereIsNoRoom_andTakesAllOnceThereIs() throws Exception {
        CompletableFuture<String> answered = new CompletableFuture<>();
        send(lines(PACKETS), answered);
        awaitAllRead();
        int before = asked.get();

        Thread.sleep(LONG.toMillis());
        assertThat(asked.get() - before).as("tries in %s", LONG).isBetween(10, 40);

        answer = REPEATED;
        assertThat(answered.get(10, TimeUnit.SECONDS)).contains("\"accepted\":0,\"duplicates\":" + PACKETS);
        assertThat(room.isFull()).isFalse();
    }

    @Test
    void asksForNothingMore_whenTheClientHasSentAllAndGone() throws Exception {
        NetSocket client = send(lines(PACKETS), new CompletableFuture<>());
        awaitAllRead();

        done(client.close());
        Thread.sleep(LONG.toMillis() / 3);
        int before = asked.get();
        Thread.sleep(LONG.toMillis());

        assertThat(asked.get()).isEqualTo(before);
        assertThat(room.taken()).isZero();
    }

    @Test
    void readsNoMoreThanThereIsRoomFor() throws Exception {
        NetSocket client = send(lines(MANY_MORE), new CompletableFuture<>());
        Thread.sleep(LONG.toMillis());

        assertThat(room.taken()).as("bytes read").isBetween(1L, lines(MANY_MORE).length() / 4L);
        done(client.close());
        // That it has gone shows when more is read.
        answer = REPEATED;
        await().atMost(SOON).until(() -> room.taken() == 0);
    }

    @Test
    void isTurnedAway_whenTooMuchIsBegunByAllTogether() throws Exception {
        roomToBegin.take(Runtime.getRuntime().maxMemory());
        CompletableFuture<String> answered = new CompletableFuture<>();
        NetSocket socket = done(vertx.createNetClient().connect(server.actualPort(), "127.0.0.1"));
        socket.handler(bytes -> answered.complete(bytes.toString()));
        done(socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{\"resource_id\""));

        assertThat(answered.get(10, TimeUnit.SECONDS)).contains("503", "over_capacity");
        assertThat(roomToBegin.taken()).isEqualTo(Runtime.getRuntime().maxMemory());
    }

    private static <T> T done(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
