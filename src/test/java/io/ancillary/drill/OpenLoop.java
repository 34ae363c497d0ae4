package io.ancillary.drill;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

import io.ancillary.testsupport.Wire;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;

/**
 * A producer that sends packets when their time comes, whether or not earlier ones were answered: over the connections
 * it has, and over new ones, up to a bound, while all of these wait for answers. Packets that were answered with 503 are sent
 * again, not sooner than {@code Retry-After} says,
 * and before new ones. All of it happens on one thread.
 */
final class OpenLoop implements AutoCloseable {
    private static final long NANOS_A_SECOND = 1_000_000_000;
    private static final int AT_A_TIME = 100;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient client;
    private final int port;
    private final String path;
    private final Accounts accounts;
    private final int mostConnections;

    private final Deque<Wire> idle = new ArrayDeque<>();
    private final Deque<Repeat> again = new ArrayDeque<>();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    /** The last resource of a flood is whole; what else is new is none of its. */
    private boolean rounded;
    private volatile int connections;
    private volatile int sent;
    private volatile Phase now = new Phase();

    private record Repeat(int n, long notBefore) {
    }

    /** What was counted in one stretch of time; a request counts where it was sent. */
    static final class Phase {
        final long began = System.nanoTime();
        /** From sending to acknowledgement. */
        final Latencies acknowledged = new Latencies();
        /** The same by the second in which it was sent. */
        final Map<Long, Latencies> bySecond = new ConcurrentSkipListMap<>();
        /** From when it was to be sent to acknowledgement. */
        final Latencies acknowledgedSinceDue = new Latencies();
        final Latencies refused = new Latencies();
        /** From when it was to be sent to sending. */
        final Latencies lag = new Latencies();
        final AtomicInteger dropped = new AtomicInteger();
        final AtomicInteger refusedWithoutRetryAfter = new AtomicInteger();
        final AtomicInteger other = new AtomicInteger();

        int sent() {
            return lag.count();
        }

        private void acknowledge(long due, long sent, long answered) {
            acknowledged.add(answered - sent);
            bySecond.computeIfAbsent((sent - this.began) / NANOS_A_SECOND, second -> new Latencies()).add(answered - sent);
            acknowledgedSinceDue.add(answered - due);
        }
    }

    OpenLoop(int port, String path, int connections, int mostConnections, Accounts accounts) {
        this.connections = connections;
        this.mostConnections = mostConnections;
        this.port = port;
        this.path = path;
        this.accounts = accounts;
        this.client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
        idle.addAll(connect(connections));
    }

    private List<Wire> connect(int count) {
        List<Future<Wire>> wires = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            wires.add(Wire.connect(client, port, path));
        }
        return Drills.done(Future.all(wires)).list();
    }

    /** Opens all connections there may be, a few at a time: who opens thousands at once cannot read the time meanwhile. */
    void openAll() {
        while (connections < mostConnections) {
            List<Wire> more = connect(Math.min(AT_A_TIME, mostConnections - connections));
            connections = connections + more.size();
            vertx.runOnContext(opened -> idle.addAll(more));
        }
    }

    /** Packets never acknowledged so far. */
    int unacknowledged() {
        return unacknowledged.get();
    }

    /** The number of packets sent, each counted once. */
    int sent() {
        return sent;
    }

    /** The number of connections, which only grows. */
    int connections() {
        return connections;
    }

    /** From now on all is counted here. */
    Phase next() {
        Phase next = new Phase();
        now = next;
        return next;
    }

    /** So many connections, each sending its next packet when the last was answered, for as long as that. */
    Phase closedLoop(int connections, BooleanSupplier goesOn) {
        Phase phase = next();
        vertx.runOnContext(start -> {
            for (int i = 0; i < connections; i++) {
                sendNext(System.nanoTime(), goesOn);
            }
        });
        return phase;
    }

    private void sendNext(long due, BooleanSupplier goesOn) {
        if (goesOn.getAsBoolean()) {
            send(takeNext(due), due, () -> sendNext(System.nanoTime(), goesOn));
        }
    }

    /** Sends so many packets a second, new ones for as long as that, and after it what is to be sent again. */
    void flood(int packetsASecond, BooleanSupplier goesOn) {
        long began = System.nanoTime();
        long[] slots = new long[1];
        vertx.setPeriodic(1, timer -> {
            long due = (System.nanoTime() - began) * packetsASecond / NANOS_A_SECOND;
            while (slots[0] < due) {
                sendInSlot(began + slots[0]++ * NANOS_A_SECOND / packetsASecond, goesOn);
            }
        });
    }

    private void sendInSlot(long due, BooleanSupplier goesOn) {
        rounded = rounded || !goesOn.getAsBoolean() && sent % accounts.packetsAResource() == 0;
        if (rounded && !isToRepeat(due)) {
            return;
        }
        sendOrDrop(due, () -> takeNext(due));
    }

    private void sendOrDrop(long due, IntSupplier packet) {
        if (!idle.isEmpty()) {
            send(packet.getAsInt(), due, () -> {
            });
        } else if (connections < mostConnections) {
            connections = connections + 1;
            int n = packet.getAsInt();
            Wire.connect(client, port, path).onSuccess(wire -> {
                idle.addFirst(wire);
                send(n, due, () -> {
                });
            }).onFailure(refused -> {
                now.other.incrementAndGet();
                again.add(new Repeat(n, System.nanoTime() + NANOS_A_SECOND));
                replace();
            });
        } else {
            now.dropped.incrementAndGet();
        }
    }

    /** New packets at a low rate, beside what else goes on. */
    long trickle(int packetsASecond) {
        return vertx.setPeriodic(1000 / packetsASecond, timer -> sendOrDrop(System.nanoTime(), this::takeNew));
    }

    /** Ends a trickle with the resource that it has begun. */
    void cancel(long trickle) {
        vertx.cancelTimer(trickle);
        vertx.runOnContext(last -> {
            while (sent % accounts.packetsAResource() != 0) {
                sendOrDrop(System.nanoTime(), this::takeNew);
            }
        });
    }

    private boolean isToRepeat(long instant) {
        return !again.isEmpty() && again.peek().notBefore() - instant <= 0;
    }

    private int takeNext(long instant) {
        return isToRepeat(instant) ? again.remove().n() : takeNew();
    }

    private int takeNew() {
        int n = sent;
        sent = n + 1;
        unacknowledged.incrementAndGet();
        return n;
    }

    private void send(int n, long due, Runnable then) {
        Wire wire = idle.remove();
        Phase phase = now;
        String json = accounts.packet(n);
        long began = System.nanoTime();
        phase.lag.add(began - due);
        wire.post(json, answer -> {
            long ended = System.nanoTime();
            if (answer.status() == 0) {
                replace();
            } else {
                idle.add(wire);
            }
            if (answer.status() == 202) {
                phase.acknowledge(due, began, ended);
                unacknowledged.decrementAndGet();
                accounts.acknowledge(n);
            } else {
                refused(phase, answer, ended - began);
                again.add(new Repeat(n, ended + Math.max(1, answer.retryAfterSeconds()) * NANOS_A_SECOND));
            }
            then.run();
        });
    }

    private static void refused(Phase phase, Wire.Answer answer, long took) {
        if (answer.status() == 503) {
            phase.refused.add(took);
            if (answer.retryAfterSeconds() < 1) {
                phase.refusedWithoutRetryAfter.incrementAndGet();
            }
        } else {
            phase.other.incrementAndGet();
        }
    }

    private void replace() {
        Wire.connect(client, port, path).onSuccess(idle::add)
                .onFailure(refused -> vertx.setTimer(100, later -> replace()));
    }

    @Override
    public void close() {
        Drills.done(vertx.close());
    }
}
