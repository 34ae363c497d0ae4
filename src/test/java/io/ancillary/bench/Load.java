package io.ancillary.bench;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.HdrHistogram.Histogram;

import io.ancillary.testsupport.Wire;
import io.ancillary.testsupport.Wire.Answer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;

/**
 * Requests over so many connections that stay open, all from one thread, so that the service is left the rest of the
 * machine. How long the answers took is given in nanoseconds. A service that is late with what it has turns some away, and
 * on a machine that it shares with its load it will be: those are sent again, sooner than it asks for, and counted,
 * and their times count from when they were sent first.
 */
final class Load implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final String REFUSED = "\"code\":\"over_capacity\"";
    private static final long AGAIN_AFTER_MILLIS = 10;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
    private final int port;
    private final AtomicLong refused = new AtomicLong();

    Load(int port) {
        this.port = port;
    }

    /** Each connection sends its next request when the last was answered; times count from sending. */
    Histogram closedLoop(Requests requests, int connections) throws InterruptedException {
        Run run = new Run(requests, connect(requests, connections));
        vertx.runOnContext(start -> run.sendUntilAllIsSent());
        return run.awaitAnswered();
    }

    /**
     * So many requests a second, each sent when it is due, whatever became of those before it, unless all connections wait
     * for answers. Gives when they were due: times count from then, so that what had to wait for others is in them.
     */
    Pace openLoop(Requests requests, int connections, int aSecond) throws InterruptedException {
        Run run = new Run(requests, connect(requests, connections));
        Pace pace = Pace.fromNow(aSecond);
        for (int n = 0; n < requests.count() && !run.isOver(); n++) {
            pace.awaitDue(n);
            Due due = new Due(n, pace.due(n));
            vertx.runOnContext(now -> run.sendOrQueue(due));
        }
        run.awaitAnswered();
        return pace;
    }

    /** How many requests were turned away so far. */
    long refused() {
        return refused.get();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private List<Wire> connect(Requests requests, int connections) {
        List<Future<Wire>> wires = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            wires.add(Wire.connect(client, port, requests.path(), requests.contentType()));
        }
        Future.all(wires).toCompletionStage().toCompletableFuture().join();
        return wires.stream().map(Future::result).toList();
    }

    /** A request and when it is to be sent, by {@link System#nanoTime}. */
    private record Due(int n, long nanos) {
    }

    /**
     * One run, until all is answered or the first wrong answer is known: what comes after that measures nothing. Only on the
     * event loop, but for the wait for its end.
     */
    private final class Run {
        private final Requests requests;
        private final List<Wire> wires;
        private final Deque<Wire> idle;
        private final Deque<Due> queue = new ArrayDeque<>();
        private final Histogram latency = new Histogram(3);
        private final CountDownLatch done = new CountDownLatch(1);
        private int sent;
        private int answered;
        private volatile String firstWrong = "";

        Run(Requests requests, List<Wire> wires) {
            this.requests = requests;
            this.wires = wires;
            this.idle = new ArrayDeque<>(wires);
        }

        void sendUntilAllIsSent() {
            while (!isOver() && !idle.isEmpty() && sent < requests.count()) {
                send(new Due(sent++, System.nanoTime()), this::sendUntilAllIsSent);
            }
        }

        void sendOrQueue(Due due) {
            queue.add(due);
            sendQueued();
        }

        private void sendQueued() {
            while (!isOver() && !idle.isEmpty() && !queue.isEmpty()) {
                send(queue.remove(), this::sendQueued);
            }
        }

        private void send(Due due, Runnable then) {
            send(idle.remove(), due, then);
        }

        private void send(Wire wire, Due due, Runnable then) {
            wire.post(requests.bodies().apply(due.n()), answer -> {
                if (isOver()) {
                    return;
                }
                if (answer.status() == 503 && answer.text().contains(REFUSED)) {
                    refused.incrementAndGet();
                    vertx.setTimer(AGAIN_AFTER_MILLIS, timer -> send(wire, due, then));
                    return;
                }
                latency.recordValue(System.nanoTime() - due.nanos());
                idle.add(wire);
                count(due.n(), answer);
                then.run();
            });
        }

        private void count(int n, Answer answer) {
            answered++;
            if (!requests.check().isRight(n, answer)) {
                firstWrong = answer.text().isEmpty() ? "the connection broke" : answer.text();
            }
            if (!firstWrong.isEmpty() || answered == requests.count()) {
                done.countDown();
                wires.forEach(Wire::close);
            }
        }

        boolean isOver() {
            return done.getCount() == 0;
        }

        Histogram awaitAnswered() throws InterruptedException {
            boolean all = done.await(LONGEST.toSeconds(), TimeUnit.SECONDS);
            if (!firstWrong.isEmpty()) {
                throw new AssertionError(requests.path() + " did not answer as it must: " + firstWrong);
            }
            if (!all) {
                throw new AssertionError(requests.path() + " did not answer all over " + wires.size() + " connections, "
                        + refused + " were refused until now");
            }
            return latency;
        }
    }
}
