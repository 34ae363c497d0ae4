package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.bench.ProcessCpu;
import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.LightReceiver;
import io.ancillary.testsupport.LightReceiver.Webhook;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.Wire;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;

/**
 * Two hundred thousand deliveries leave nothing behind in the replica that makes them: no memory, no thread, no open
 * file; and each comes once. {@code -Ddrill.deliveries=1000000} is a longer soak.
 */
class DeliverySoakDrill {
    private static final int DELIVERIES = Integer.getInteger("drill.deliveries", 200_000);
    /** After each step it is looked what is left; the first one is to warm up, and what it leaves is the measure. */
    private static final int STEP = 20_000;
    private static final int CONNECTIONS = 64;
    private static final Duration LONGEST_STEP = Duration.ofMinutes(2);
    /** Longer than a connection to a receiver is kept idle. */
    private static final Duration UNTIL_QUIET = Duration.ofSeconds(8);

    /**
     * A tenth and a bit: what is made once but late (classes of what happens seldom, pools and caches with a bound) is
     * worth a few MiB. It is little enough to see a leak: 32 bytes for each delivery after the first step are 5.5 MiB.
     */
    private static final double MOST_GROWTH = 1.1;
    private static final double MOST_MEBIBYTES = 3;
    /** The JVM starts and ends compiler and collector threads as it sees fit, and the more the more cores there are. */
    private static final int MOST_THREADS = 4 + Runtime.getRuntime().availableProcessors();
    private static final int MOST_DESCRIPTORS = 4;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient client = vertx.createNetClient();
    private final RedisProcess redis = RedisProcess.start();
    private final LightReceiver receiver = LightReceiver.start(this::receive);

    private final AtomicIntegerArray arrivals = new AtomicIntegerArray(DELIVERIES);
    private final Map<Integer, UnderWay> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger working = new AtomicInteger();
    private final Queue<String> odd = new ConcurrentLinkedQueue<>();
    private final SoftAssertions softly = new SoftAssertions();
    /** Only the producer's thread changes it while packets are sent. */
    private volatile int sent;

    /** A packet of which two things are awaited: that it is acknowledged, and that its outcome is delivered. */
    private record UnderWay(AtomicInteger awaited, Runnable then) {

        void come() {
            if (awaited.decrementAndGet() == 0) {
                then.run();
            }
        }
    }

    /** What a step was like, and what it left. */
    private record Step(int deliveries, Vitals left, double perSecond, double cpuMicros) {
    }

    @AfterEach
    void stop() {
        done(vertx.close());
        receiver.close();
        redis.close();
    }

    @Test
    void leavesNothingBehind_whenManyWereDelivered() {
        Map<String, String> environment = Map.of("ANCILLARY_RETENTION", "5s");
        try (JarProcess replica = Drills.awaitStarted(Drills.replica(redis.url(), receiver.url(), environment, "-Xmx256m"))) {
            List<Wire> wires = IntStream.range(0, CONNECTIONS)
                    .mapToObj(i -> done(Wire.connect(client, replica.port(), Api.PACKETS))).toList();
            printHead();
            List<Step> steps = new ArrayList<>();
            while (sent < DELIVERIES) {
                steps.add(step(replica, wires, Math.min(DELIVERIES, sent + STEP)));
                print(steps.get(steps.size() - 1));
            }
            System.out.printf("  answered 503 and sent again: %d; load of this machine %s%n", refused.get(), Machine.load());
            judge(steps.get(0).left(), steps.get(steps.size() - 1).left());
            softly.assertThat(replica.output()).doesNotContain("ERROR", "OutOfMemory", "\tat ");
        }
        softly.assertAll();
    }

    private Step step(JarProcess replica, List<Wire> wires, int until) {
        int before = sent;
        ProcessCpu cpu = new ProcessCpu(replica.pid());
        long microsBefore = cpu.micros();
        long began = System.nanoTime();
        load(wires, until);
        double seconds = (System.nanoTime() - began) / 1e9;
        double micros = cpu.micros() - microsBefore;
        awaitQuiet();
        return new Step(until, Vitals.of(replica.pid()), (until - before) / seconds, micros / (until - before));
    }

    /** Each connection sends its next packet when the last was answered and what came of it delivered: no queue grows. */
    private void load(List<Wire> wires, int until) {
        working.set(wires.size());
        vertx.runOnContext(start -> wires.forEach(wire -> sendNext(wire, until)));
        await().atMost(LONGEST_STEP).pollInterval(Duration.ofMillis(10)).until(() -> working.get() == 0);
    }

    private void sendNext(Wire wire, int until) {
        int n = sent;
        if (n == until) {
            working.decrementAndGet();
            return;
        }
        sent = n + 1;
        underWay.put(n, new UnderWay(new AtomicInteger(2), () -> vertx.runOnContext(next -> sendNext(wire, until))));
        send(wire, n);
    }

    /** What was refused is sent again. */
    private void send(Wire wire, int n) {
        wire.post(Api.packet("d" + n, 1, "Bat Ball " + "x".repeat(length(n)), true), answer -> {
            if (answer.status() == 503) {
                refused.incrementAndGet();
                vertx.setTimer(answer.retryAfterSeconds() * 1000L, timer -> send(wire, n));
            } else {
                if (answer.status() != 202) {
                    odd.add("d" + n + ": " + answer);
                }
                underWay.get(n).come();
            }
        });
    }

    private void receive(Webhook webhook) {
        int n = Integer.parseInt(webhook.body().replaceAll("^\\{\"resource_id\":\"d(\\d+)\".*", "$1"));
        String expected = "{\"resource_id\":\"d" + n + "\",\"status\":\"completed\",\"packet_count\":1,\"output\":[3,4,"
                + length(n) + "]}";
        if (!webhook.body().equals(expected)) {
            odd.add(webhook.body());
        }
        // One that comes again is counted, and has nobody who waits for it.
        if (arrivals.incrementAndGet(n) == 1) {
            underWay.get(n).come();
        }
    }

    /** So that outcomes differ. */
    private static int length(int n) {
        return n % 50 + 1;
    }

    /** Connections are kept for the next delivery, for some seconds. */
    private void awaitQuiet() {
        underWay.clear();
        try {
            await().atMost(UNTIL_QUIET).pollInterval(Duration.ofMillis(50)).until(() -> receiver.connections() == 0);
        } catch (ConditionTimeoutException e) {
            softly.fail("%d connections to the receiver are still open", receiver.connections());
        }
    }

    private void judge(Vitals before, Vitals after) {
        softly.assertThat(after.liveMebibytes()).as("live heap, MiB")
                .isLessThanOrEqualTo(MOST_GROWTH * before.liveMebibytes() + MOST_MEBIBYTES);
        softly.assertThat(after.threads()).as("threads").isLessThanOrEqualTo(before.threads() + MOST_THREADS);
        softly.assertThat(after.descriptors()).as("open files").isLessThanOrEqualTo(before.descriptors() + MOST_DESCRIPTORS);
        softly.assertThat(odd).as("answers and webhooks that are not as they should be").isEmpty();
        softly.assertThat(IntStream.range(0, DELIVERIES).filter(n -> arrivals.get(n) != 1).limit(50).boxed())
                .as("not delivered exactly once").isEmpty();
        softly.assertThat(redis.command("HMGET", "anc:{0}:meta", "journal:packets", "undelivered:packets"))
                .as("left over").isEqualTo("0\n0");
    }

    private static void printHead() {
        System.out.printf("%n%d deliveries, retention 5 s, %d connections, -Xmx256m; live heap after a full collection%n",
                DELIVERIES, CONNECTIONS);
        System.out.printf("  %10s %13s %9s %8s %5s %13s %16s%n", "deliveries", "live heap MiB", "RSS MiB", "threads", "fds",
                "deliveries/s", "CPU µs/delivery");
    }

    private static void print(Step step) {
        Vitals left = step.left();
        System.out.printf(Locale.ROOT, "  %10d %13.2f %9.0f %8d %5d %13.0f %16.0f%n", step.deliveries(), left.liveMebibytes(),
                left.residentMebibytes(), left.threads(), left.descriptors(), step.perSecond(), step.cpuMicros());
    }
}
