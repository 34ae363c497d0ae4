package io.ancillary.drill;

import static io.ancillary.drill.Drills.awaitOrCarryOn;
import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.pass;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Behaviour;
import io.ancillary.testsupport.Conversation;
import io.ancillary.testsupport.Hit;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.Receiver;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/**
 * A fifth of all endpoints take what they are sent and never answer. Those who wait at the others notice nothing of it,
 * not even while nobody can know yet which ones hang; and when the rest answer at last, they get all that was for them.
 * {@code -Ddrill.seconds=60} is a longer one.
 */
class IsolationDrill {
    private static final int HEALTHY = 40;
    private static final int HANGING = 10;
    private static final int EACH_A_SECOND = 4;
    private static final Duration PHASE = Duration.ofSeconds(Integer.getInteger("drill.seconds", 20));
    private static final int WARM_UP_A_SECOND = 1000;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Less than those that hang would take for themselves, if they were let. */
    private static final int CONCURRENCY = HANGING * EACH_A_SECOND * (int) TIMEOUT.toSeconds() / 2;
    /** Of an endpoint that fails, jitter included. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(66);
    private static final Duration TO_DRAIN = Duration.ofSeconds(10);
    /**
     * A p99 is some thirty outcomes. Two milliseconds are less than one young collection of either JVM, or one slice of
     * a processor that somebody else has; where all takes about as long, twice as much says nothing.
     */
    private static final double NOISE_MILLIS = 2;

    private final Vertx vertx = Vertx.vertx();
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "everysec");
    private final List<Receiver> healthy = new ArrayList<>();
    private final List<Receiver> hanging = new ArrayList<>();
    private final Map<String, Queue<Long>> taken = new ConcurrentHashMap<>();
    private final Machine machine = Machine.watch();
    private final SoftAssertions softly = new SoftAssertions();
    private volatile boolean answering;

    /** The outcomes of one stretch of time, those that are for healthy receivers and the others. */
    private record Phase(Queue<String> toHealthy, Queue<String> toHanging) {

        Phase() {
            this(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
        }
    }

    @BeforeEach
    void open() {
        IntStream.range(0, HEALTHY).forEach(i -> healthy.add(Receiver.start(this::take)));
        IntStream.range(0, HANGING).forEach(i -> hanging.add(Receiver.start(this::hangOrTake)));
    }

    @AfterEach
    void stop() {
        done(vertx.close());
        Stream.of(healthy, hanging).flatMap(List::stream).forEach(Receiver::close);
        redis.close();
    }

    @Test
    void theOthersNoticeNothing_whenSomeEndpointsHang() {
        try (JarProcess replica = replica()) {
            send(new Producer(vertx, () -> replica), "warm", healthy, WARM_UP_A_SECOND, WARM_UP);
            Producer producer = new Producer(vertx, () -> replica);
            Phase alone = send(producer, "alone", healthy, HEALTHY * EACH_A_SECOND, PHASE);
            List<Receiver> all = Stream.of(healthy, hanging).flatMap(List::stream).toList();
            Phase beside = send(producer, "beside", all, all.size() * EACH_A_SECOND, PHASE);
            int attempts = hanging.stream().mapToInt(it -> it.hits().size()).sum();
            double drained = drain(beside.toHanging());

            Latencies judged = latencies(producer, beside.toHealthy().stream());
            print(producer, alone, beside, attempts, drained);
            softly.assertThat(producer.repeated()).as("requests that were not acknowledged").isZero();
            softly.assertThat(judged.millis(0.99)).as("p99 beside those that hang, ms")
                    .isLessThanOrEqualTo(2 * latencies(producer, alone.toHealthy().stream()).millis(0.99) + NOISE_MILLIS);
            assertTakenOnce(alone.toHealthy());
            assertTakenOnce(beside.toHealthy());
            assertTakenOnce(beside.toHanging());
            softly.assertThat(attempts).as("attempts at those that hang").isPositive();
            softly.assertThat(redis.command("HGET", "anc:{0}:meta", "undelivered:packets")).as("undelivered").isEqualTo("0");
            softly.assertThat(Drills.errors(replica)).isEmpty();
        }
        softly.assertAll();
    }

    private JarProcess replica() {
        return Drills.awaitStarted(Drills.replica(redis.url(), healthy.get(0).uri().toString(),
                Map.of(
                        "ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", "127.0.0.0/8", "ANCILLARY_WARM_UP", "true",
                        "ANCILLARY_DELIVERY_TIMEOUT", TIMEOUT.toSeconds() + "s",
                        "ANCILLARY_DELIVERY_CONCURRENCY", String.valueOf(CONCURRENCY)),
                "-Xmx256m"));
    }

    /** To each receiver in turn; ends when the healthy ones have theirs. */
    private Phase send(Producer producer, String name, List<Receiver> to, int perSecond, Duration time) {
        Phase phase = new Phase();
        int all = Math.toIntExact(perSecond * time.toSeconds());
        long timer = producer.pace(perSecond, n -> {
            if (n < all) {
                Receiver receiver = to.get(n % to.size());
                (n % to.size() < HEALTHY ? phase.toHealthy() : phase.toHanging()).add(name + n);
                producer.send(name + n, receiver.uri());
            }
        });
        pass(time.plusMillis(100));
        vertx.cancelTimer(timer);
        awaitOrCarryOn(Duration.ofSeconds(20),
                () -> producer.unacknowledged() == 0 && taken.keySet().containsAll(phase.toHealthy()));
        return phase;
    }

    /** Has those that hang answer; gives how many seconds later the last outcome was taken. */
    private double drain(Collection<String> outcomes) {
        long began = System.nanoTime();
        answering = true;
        awaitOrCarryOn(drainedWithin(), () -> taken.keySet().containsAll(outcomes));
        long last = outcomes.stream().flatMap(it -> arrivals(it).stream())
                .mapToLong(Long::longValue).max().orElse(began);
        return (last - began) / 1e9;
    }

    /**
     * A probe that hangs has begun just before, and the rest after it is the longest there can be by then: each lasts twice
     * as long as the one before it, so that it is hardly longer than all of them together.
     */
    private static Duration drainedWithin() {
        Duration rest = PHASE.compareTo(LONGEST_REST) < 0 ? PHASE : LONGEST_REST;
        return TIMEOUT.plus(rest).plus(TO_DRAIN);
    }

    private void take(Hit hit, Conversation peer) throws IOException {
        String resource = new JsonObject(hit.text()).getString("resource_id");
        taken.computeIfAbsent(resource, none -> new ConcurrentLinkedQueue<>()).add(hit.nanos());
        Behaviour.ok().answer(hit, peer);
    }

    private void hangOrTake(Hit hit, Conversation peer) throws IOException {
        if (answering) {
            take(hit, peer);
        } else {
            Behaviour.neverAnswers().answer(hit, peer);
        }
    }

    private void assertTakenOnce(Collection<String> outcomes) {
        Map<Integer, Long> times = outcomes.stream()
                .collect(Collectors.groupingBy(it -> arrivals(it).size(),
                        Collectors.counting()));
        softly.assertThat(times).as("how many were taken how often").isEqualTo(Map.of(1, (long) outcomes.size()));
    }

    private Queue<Long> arrivals(String outcome) {
        return taken.getOrDefault(outcome, new ConcurrentLinkedQueue<>());
    }

    /** From acknowledgement to arrival; a webhook may come before the answer to the packet that it is about. */
    private Latencies latencies(Producer producer, Stream<String> outcomes) {
        Latencies latencies = new Latencies();
        outcomes.forEach(it -> producer.acknowledgedAt(it).ifPresent(acknowledged -> {
            Long arrived = arrivals(it).peek();
            latencies.add(arrived == null ? Long.MAX_VALUE : Math.max(0, arrived - acknowledged));
        }));
        return latencies;
    }

    private void print(Producer producer, Phase alone, Phase beside, int attempts, double drained) {
        int unknown = Math.toIntExact(TIMEOUT.toSeconds() * HEALTHY * EACH_A_SECOND);
        System.out.printf("%n%d endpoints, %d/s to each, appendonly everysec, -Xmx256m%n", HEALTHY + HANGING, EACH_A_SECOND);
        System.out.printf("%-45s %6s %8s %8s %8s%n", "from acknowledgement to the webhook", "count", "p50 ms", "p99 ms",
                "max ms");
        row("alone", latencies(producer, alone.toHealthy().stream()));
        row("beside " + HANGING + " that hang", latencies(producer, beside.toHealthy().stream()));
        row("  of these, while none can have failed yet",
                latencies(producer, beside.toHealthy().stream().limit(unknown)));
        System.out.printf(Locale.ROOT, "requests: %s%n", producer.requests());
        System.out.printf(Locale.ROOT, "%d outcomes for those that hang, %d attempts until they answered, the last taken "
                + "%.1f s later (of %d s allowed)%n", beside.toHanging().size(), attempts, drained,
                drainedWithin().toSeconds());
        System.out.printf(Locale.ROOT, "machine stalled for %.1f s, load %s%n", machine.stalledSeconds(), Machine.load());
    }

    private static void row(String what, Latencies took) {
        System.out.printf(Locale.ROOT, "%-45s %6d %8.1f %8.1f %8.1f%n", what, took.count(), took.millis(0.5),
                took.millis(0.99), took.millis(1));
    }
}
