package io.ancillary.drill;

import static io.ancillary.drill.Drills.pass;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.bench.ProcessCpu;
import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.LightReceiver;
import io.ancillary.testsupport.RedisProcess;

/**
 * Twice as many packets come as this machine can take, and nobody waits for an answer before he sends more: what is
 * taken in is taken in soon, the rest is refused in order, memory stays flat, and once it is over all is as before.
 * {@code -Ddrill.seconds=60} is a longer flood.
 * <p>
 * What sends shares two cores with what it floods. It can send twice of what that takes in only if taking it in is much more
 * work than sending it: in one of the floods every second packet ends a resource, with a webhook of its own. In the other,
 * with resources of ten, it sends as much as the machine lets it.
 */
class FloodDrill {
    private static final int SECONDS = Integer.getInteger("drill.seconds", 30);
    private static final int CONNECTIONS = Integer.getInteger("drill.connections", 400);
    private static final int PAYLOAD_SIZE = 100;
    private static final int MOST_CONNECTIONS = Integer.getInteger("drill.mostConnections", 2000);
    private static final Duration WINDOW = Duration.ofSeconds(3);
    private static final int MOST_WINDOWS = 8;
    private static final Duration PRELUDE = Duration.ofSeconds(10);
    /** A JVM is warm when it gets faster by less than that from one window to the next. */
    private static final double STILL_GROWING = 1.05;
    private static final int TRICKLE_A_SECOND = 20;
    private static final Duration BACK_WITHIN = Duration.ofSeconds(10);

    /** All of it resident from the first: what grows is something else. */
    private static final String[] HEAP = { "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch" };
    /** All webhooks go to one endpoint; to that belongs no more than a ninth of these, which is not what is flooded here. */
    private static final Map<String, String> WIDE_OUTLET = Map.of("ANCILLARY_DELIVERY_CONCURRENCY", "4096",
            "ANCILLARY_DELIVERY_ENDPOINT_CONCURRENCY", "512");
    private static final double MOST_MILLIS_IN_THE_FLOOD = 250;
    private static final double MOST_MILLIS_AFTER_IT = 100;
    private static final double MOST_GROWTH = 1.15;
    private static final double ALMOST_TWICE = 1.8;

    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "everysec",
            "--auto-aof-rewrite-percentage", "0");
    private final List<Double> resident = new ArrayList<>();
    private Accounts accounts = new Accounts();
    private int connections;
    private double[] cores = {};
    private final SoftAssertions softly = new SoftAssertions();

    @AfterEach
    void stop() {
        redis.close();
    }

    @Test
    void refusesInOrderAndRecovers_whenTwiceAsMuchComesAsItCanTake() {
        flood(new Accounts(2, PAYLOAD_SIZE), WIDE_OUTLET, ALMOST_TWICE);
    }

    @Test
    void refusesInOrderAndRecovers_asItIsByDefault() {
        flood(new Accounts(PAYLOAD_SIZE), Map.of(), 1);
    }

    /** Takes how many times what it can take must have been sent at least. */
    private void flood(Accounts packets, Map<String, String> environment, double atLeast) {
        accounts = packets;
        try (LightReceiver receiver = LightReceiver.start(webhook -> accounts.deliver(webhook.id(), webhook.body()));
                JarProcess replica = Drills.awaitStarted(Drills.replica(redis.url(), receiver.url(), environment, HEAP));
                OpenLoop producer = new OpenLoop(replica.port(), Api.PACKETS, CONNECTIONS, MOST_CONNECTIONS, accounts)) {
            int capacity = capacity(producer);
            producer.openAll();
            OpenLoop.Phase flood = flood(producer, 2 * capacity, replica);
            long ended = System.nanoTime();
            connections = producer.connections();
            int whole = accounts.resource(producer.sent() + accounts.packetsAResource() - 1);

            OpenLoop.Phase soonAfter = producer.next();
            long trickle = producer.trickle(TRICKLE_A_SECOND);
            double seconds = awaitDelivered(whole, ended);
            pass(Duration.ofNanos(Math.max(0, ended + BACK_WITHIN.toNanos() - System.nanoTime())));
            OpenLoop.Phase after = producer.next();
            pass(BACK_WITHIN);
            producer.cancel(trickle);
            pass(Duration.ofSeconds(2));

            print(capacity, flood, soonAfter, after, seconds, replica);
            judge(capacity, atLeast, flood, after, seconds);
            softly.assertThat(producer.unacknowledged()).as("packets never acknowledged").isZero();
            softly.assertThat(replica.output()).doesNotContain("ERROR", "OutOfMemory", "\tat ");
        }
        softly.assertAll();
    }

    /** Acknowledged packets a second in the best of several windows, while as many are collated and delivered. */
    private int capacity(OpenLoop producer) {
        AtomicBoolean over = new AtomicBoolean();
        producer.closedLoop(CONNECTIONS, () -> !over.get());
        pass(WINDOW);
        double best = 0;
        double last = rate();
        for (int window = 1; window < MOST_WINDOWS && (window < 4 || last > STILL_GROWING * best); window++) {
            best = Math.max(best, last);
            last = rate();
        }
        over.set(true);
        pass(Duration.ofSeconds(1));
        return (int) Math.max(best, last);
    }

    private double rate() {
        int before = accounts.packets();
        int deliveredBefore = accounts.delivered();
        long began = System.nanoTime();
        pass(WINDOW);
        double seconds = (System.nanoTime() - began) / 1e9;
        double acknowledged = (accounts.packets() - before) / seconds;
        System.out.printf(Locale.ROOT, "closed loop, %d connections: acknowledged %.0f packets/s, delivered %.0f packets/s%n",
                CONNECTIONS, acknowledged, (accounts.delivered() - deliveredBefore) * accounts.packetsAResource() / seconds);
        return acknowledged;
    }

    private OpenLoop.Phase flood(OpenLoop producer, int packetsASecond, JarProcess replica) {
        OpenLoop.Phase prelude = producer.next();
        long until = prelude.began + PRELUDE.toNanos() + Duration.ofSeconds(SECONDS).toNanos();
        producer.flood(packetsASecond, () -> System.nanoTime() < until);
        pass(PRELUDE);
        System.out.printf("%nthe first %d s, in which the JVM compiles what turns packets away%n", PRELUDE.toSeconds());
        line("acknowledged", "%s", prelude.acknowledged);
        line("503", "%s", prelude.refused);
        OpenLoop.Phase phase = producer.next();
        long[] cpu = cpu(replica);
        for (int second = 1; second <= SECONDS; second++) {
            pass(Duration.ofNanos(Math.max(0,
                    phase.began + Duration.ofSeconds(second).toNanos() - System.nanoTime())));
            resident.add(Drills.residentMegabytes(replica.pid()));
        }
        long[] now = cpu(replica);
        cores = IntStream.range(0, cpu.length).mapToDouble(i -> (now[i] - cpu[i]) / 1e6 / SECONDS).toArray();
        return phase;
    }

    /** Of the replica, of Redis and of this process, in microseconds. */
    private long[] cpu(JarProcess replica) {
        return LongStream.of(replica.pid(), redis.pid(), ProcessHandle.current().pid())
                .map(pid -> new ProcessCpu(pid).micros()).toArray();
    }

    /** Seconds until all that the flood brought was delivered. */
    private double awaitDelivered(int whole, long since) {
        long most = Duration.ofSeconds(60).toNanos();
        while (!accounts.undelivered(0, whole).isEmpty() && System.nanoTime() - since < most) {
            pass(Duration.ofMillis(100));
        }
        return accounts.undelivered(0, whole).isEmpty() ? (System.nanoTime() - since) / 1e9 : Double.POSITIVE_INFINITY;
    }

    private double atOneThird() {
        return resident.get(resident.size() / 3 - 1);
    }

    private double mostInLastThird() {
        return resident.subList(resident.size() * 2 / 3, resident.size()).stream().mapToDouble(Double::doubleValue).max()
                .orElseThrow();
    }

    private void judge(int capacity, double atLeast, OpenLoop.Phase flood, OpenLoop.Phase after, double seconds) {
        softly.assertThat(flood.acknowledged.millis(0.99)).as("p99 of what was acknowledged in the flood, ms")
                .isLessThanOrEqualTo(MOST_MILLIS_IN_THE_FLOOD);
        softly.assertThat(flood.sent() / (double) SECONDS).as("sent a second, to be twice of %d", capacity)
                .isGreaterThanOrEqualTo(atLeast * capacity);
        softly.assertThat(flood.acknowledged.count() / (double) SECONDS).as("acknowledged a second, of %d it can", capacity)
                .isGreaterThanOrEqualTo(capacity / 3.0);
        softly.assertThat(flood.refused.count()).as("503 in the flood").isPositive();
        softly.assertThat(flood.refusedWithoutRetryAfter.get()).as("503 without Retry-After of a second or more").isZero();
        softly.assertThat(flood.other.get()).as("answers that are neither 202 nor 503, and broken connections").isZero();
        softly.assertThat(mostInLastThird()).as("RSS in the last third, MB").isLessThanOrEqualTo(MOST_GROWTH * atOneThird());
        softly.assertThat(seconds).as("seconds until all of the flood was delivered")
                .isLessThanOrEqualTo(BACK_WITHIN.toSeconds());
        softly.assertThat(after.acknowledged.millis(0.99)).as("p99 of the trickle, ms")
                .isLessThanOrEqualTo(MOST_MILLIS_AFTER_IT);
        softly.assertThat(after.refused.count() + after.other.get()).as("not acknowledged of the trickle").isZero();
        softly.assertThat(accounts.wrong()).as("wrong").isEmpty();
        softly.assertThat(accounts.lost()).as("lost").isEmpty();
        softly.assertThat(accounts.doubled()).as("under two ids").isEmpty();
        softly.assertThat(redis.command("HMGET", "anc:{0}:meta", "journal:packets", "undelivered:packets")).as("left over")
                .isEqualTo("0\n0");
    }

    private void print(int capacity, OpenLoop.Phase flood, OpenLoop.Phase soonAfter, OpenLoop.Phase after, double seconds,
            JarProcess replica) {
        System.out.printf(Locale.ROOT, "%nflood of %d s at %d packets/s, appendfsync everysec, -Xmx256m%n", SECONDS,
                2 * capacity);
        line("sent", "%d, %.0f/s", flood.sent(), flood.sent() / (double) SECONDS);
        line("connections", "%d, at most %d", connections, MOST_CONNECTIONS);
        line("dropped, no connection free", "%d", flood.dropped.get());
        line("cores: replica, Redis, drill", "%.2f, %.2f, %.2f", cores[0], cores[1], cores[2]);
        line("generator's lag", "%s", flood.lag);
        line("acknowledged", "%d, %.0f/s", flood.acknowledged.count(), flood.acknowledged.count() / (double) SECONDS);
        line("  since sending", "%s", flood.acknowledged);
        line("  p99 each second, ms", "%s", flood.bySecond.values().stream()
                .map(it -> String.format(Locale.ROOT, "%.0f", it.millis(0.99))).toList());
        line("  since due", "%s", flood.acknowledgedSinceDue);
        line("503", "%s", flood.refused);
        line("other answers", "%d", flood.other.get());
        line("RSS each second, MB", "%s", resident.stream().map(it -> String.format(Locale.ROOT, "%.0f", it)).toList());
        line("RSS at one third, last third", "%.0f MB, at most %.0f MB (%+.0f %%)", atOneThird(), mostInLastThird(),
                100 * (mostInLastThird() / atOneThird() - 1));
        line("all delivered after", "%.1f s", seconds);
        line("first 10 s after, 202", "%s", soonAfter.acknowledged);
        line("first 10 s after, 503", "%d", soonAfter.refused.count());
        line("trickle after that, 202", "%s", after.acknowledged);
        line("RSS at the end", "%.0f MB", Drills.residentMegabytes(replica.pid()));
        line("load of this machine", "%s", Machine.load());
        line("accounts", "acknowledged %d packets, delivered %d resources, lost %d, wrong %d, under two ids %d, again %d",
                accounts.packets(), accounts.delivered(), accounts.lost().size(), accounts.wrong().size(),
                accounts.doubled().size(), accounts.repeatedDeliveries());
    }

    private static void line(String what, String format, Object... values) {
        System.out.printf(Locale.ROOT, "  %-30s %s%n", what, String.format(Locale.ROOT, format, values));
    }
}
