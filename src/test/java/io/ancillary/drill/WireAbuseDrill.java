package io.ancillary.drill;

import static io.ancillary.drill.Drills.awaitOrCarryOn;
import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.url;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;

/**
 * Thousands of connections that say nothing, never come to the end of their headers or their bodies, send thousands of
 * requests without reading an answer, or hang up half-way, all the time; and one producer beside them that does nothing
 * wrong. Whoever is cut off comes again. None of the producer's packets is refused or lost, and it waits hardly longer than
 * without them; the service's memory stays what it was.
 */
class WireAbuseDrill {
    private static final Duration FOR = Duration.ofSeconds(Integer.getInteger("drill.seconds", 25));
    private static final Duration CALM = Duration.ofSeconds(8);
    private static final Duration WARM = Duration.ofSeconds(8);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final long LEAST_PAUSE_MILLIS = 2000;
    private static final int A_SECOND = 100;
    private static final int CONNECTIONS = 16;
    private static final int IDLE = 1500;
    private static final int SLOW = 400;
    private static final int GREEDY = 300;
    private static final int PIPELINING = 2;
    /** Times what it is when all is calm, and what two cores take to play all the bad clients beside it. */
    private static final double MOST_TIMES = 5;
    private static final double AND_MILLIS_P50 = 5;
    private static final double AND_MILLIS_P99 = 120;
    private static final double MOST_RSS = 420;
    private static final String POST = "POST " + Api.PACKETS + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    private static final Buffer BODY = Buffer.buffer("x".repeat(200_000));
    private static final Buffer PIPELINE = Buffer
            .buffer(("GET /api/v1/ancillary/resources/none HTTP/1.1\r\nHost: a\r\n\r\n").repeat(2000));

    private final Vertx vertx = Vertx.vertx();
    private final NetClient client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "everysec");
    private final Accounts accounts = new Accounts();
    private final SoftAssertions softly = new SoftAssertions();
    private final List<String> counted = new ArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();
    private volatile boolean over;

    @AfterEach
    void stop() {
        over = true;
        done(vertx.close());
        redis.close();
    }

    @Test
    void keepsWhoDoesNothingWrongWaitingNoLonger() {
        try (JarProcess replica = Drills.awaitStarted(Drills.replica(redis.url(), url(listen(vertx, this::receive)), Map.of(
                "ANCILLARY_HTTP_HEADERS_TIMEOUT", "8s", "ANCILLARY_HTTP_BODY_TIMEOUT", "8s", "ANCILLARY_HTTP_UNFINISHED_BODIES",
                "16M", "ANCILLARY_WARM_UP", "true"), "-Xmx160m"));
                OpenLoop producer = new OpenLoop(replica.port(), Api.PACKETS, CONNECTIONS, 2 * CONNECTIONS, accounts)) {
            long trickle = producer.trickle(A_SECOND);
            pass(WARM);
            OpenLoop.Phase calm = producer.next();
            pass(CALM);
            abuse(replica.port());
            OpenLoop.Phase abused = producer.next();
            pass(FOR);
            double rss = Drills.residentMegabytes(replica.pid());
            over = true;
            done(client.close());
            producer.cancel(trickle);
            awaitOrCarryOn(Duration.ofSeconds(20), () -> producer.unacknowledged() == 0
                    && accounts.delivered() == accounts.resource(producer.sent()));
            print(calm, abused, rss);
            judge(producer, calm, abused, rss);
            softly.assertThat(Drills.errors(replica)).isEmpty();
        }
        softly.assertAll();
    }

    private void abuse(int port) {
        for (int i = 0; i < IDLE; i++) {
            again(port, i, socket -> {
            });
        }
        for (int i = 0; i < SLOW; i++) {
            again(port, i, socket -> dribble(socket, "GET / HTTP/1.1\r\n", "X: y\r\n"));
            again(port, i, socket -> dribble(socket, POST + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"));
        }
        for (int i = 0; i < GREEDY; i++) {
            again(port, i, socket -> socket.write(POST + "Content-Length: " + (BODY.length() + 1) + "\r\n\r\n").onSuccess(
                    headers -> socket.write(BODY)));
        }
        for (int i = 0; i < PIPELINING; i++) {
            again(port, i, socket -> {
                socket.pause();
                socket.write(PIPELINE);
                vertx.setTimer(2000, late -> socket.close());
            });
        }
    }

    /** Does so, and once it is over does so again; not all at the same moment. */
    private void again(int port, int n, Consumer<NetSocket> what) {
        if (over) {
            return;
        }
        vertx.setTimer(LEAST_PAUSE_MILLIS + n * 5L % 4000, late -> connect(port, n, what));
    }

    private void connect(int port, int n, Consumer<NetSocket> what) {
        if (over) {
            return;
        }
        client.connect(port, "127.0.0.1").onSuccess(socket -> {
            begun.incrementAndGet();
            socket.exceptionHandler(broken -> socket.close());
            socket.closeHandler(closed -> {
                cut.incrementAndGet();
                again(port, n, what);
            });
            what.accept(socket);
        }).onFailure(refused -> again(port, n, what));
    }

    private void dribble(NetSocket socket, String first, String then) {
        socket.write(first);
        long timer = vertx.setPeriodic(TICK.toMillis() * 5, tick -> socket.write(then));
        vertx.setTimer(FOR.plus(CALM).toMillis(), last -> vertx.cancelTimer(timer));
    }

    private void print(OpenLoop.Phase calm, OpenLoop.Phase abused, double rss) {
        counted.add(String.format(Locale.ROOT, "calm      %s", calm.acknowledgedSinceDue));
        counted.add(String.format(Locale.ROOT, "abused    %s", abused.acknowledgedSinceDue));
        counted.add(
                String.format(Locale.ROOT, "bad connections begun %d, ended %d; RSS %.0f MB; load %s", begun.get(), cut.get(),
                        rss, Machine.load()));
        counted.forEach(System.out::println);
    }

    private void judge(OpenLoop producer, OpenLoop.Phase calm, OpenLoop.Phase abused, double rss) {
        softly.assertThat(cut.get()).as("those cut off").isGreaterThan(IDLE);
        softly.assertThat(abused.refused.count() + abused.other.get()).as("not acknowledged").isZero();
        softly.assertThat(producer.unacknowledged()).as("never acknowledged").isZero();
        softly.assertThat(accounts.delivered()).as("resources delivered").isEqualTo(accounts.resource(producer.sent()));
        softly.assertThat(accounts.wrong()).as("wrong outcomes").isEmpty();
        softly.assertThat(abused.acknowledgedSinceDue.millis(0.5)).as("p50, ms")
                .isLessThan(MOST_TIMES * calm.acknowledgedSinceDue.millis(0.5) + AND_MILLIS_P50);
        softly.assertThat(abused.acknowledgedSinceDue.millis(0.99)).as("p99, ms")
                .isLessThan(MOST_TIMES * calm.acknowledgedSinceDue.millis(0.99) + AND_MILLIS_P99);
        softly.assertThat(rss).as("RSS, MB").isLessThan(MOST_RSS);
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            accounts.deliver(request.getHeader("webhook-id"), body.toString());
            request.response().end();
        });
    }
}
