package io.ancillary.drill;

import static io.ancillary.drill.Drills.awaitOrCarryOn;
import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.pass;
import static java.util.stream.Collectors.groupingBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.drill.Gallery.Exhibit;
import io.ancillary.drill.Gallery.Fate;
import io.ancillary.drill.Operator.Attempt;
import io.ancillary.drill.Operator.Row;
import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.Behaviour;
import io.ancillary.testsupport.Hit;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.Receiver;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.TestAuthority;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/**
 * All that receivers do to those who call them, at once, and a replica is killed in the middle of it. What becomes of
 * each outcome is what is promised; and one receiver beside all these that does nothing wrong gets all of its own.
 */
class GalleryDrill {
    private static final int ROUNDS = 3;
    private static final int WARM_UPS = 1000;
    private static final int HEALTHY_A_SECOND = 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LEASE = Duration.ofSeconds(3);
    /** To notice that the lease is over, and to take over. */
    private static final Duration TAKE_OVER = Duration.ofSeconds(2);
    private static final Duration OVER_WITHIN = Duration.ofSeconds(40);
    private static final Duration MOST_PUT_OFF = Duration.ofMinutes(66);
    /** Redis counts whole milliseconds, and so does the log. */
    private static final Duration GRANULARITY = Duration.ofMillis(2);
    /** For what the dead replica had given to the kernel. */
    private static final Duration ON_ITS_WAY = Duration.ofMillis(100);

    private final Vertx vertx = Vertx.vertx();
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "everysec");
    private final TestAuthority authority = TestAuthority.create();
    private final Gallery gallery = Gallery.open(authority);
    private final Receiver healthy = Receiver.start(Behaviour.ok());
    private final List<JarProcess> replicas = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicInteger sentToHealthy = new AtomicInteger();
    private final Producer producer = new Producer(vertx, this::next);
    private final Operator operator = new Operator(this::next);
    private final List<String> cut = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();
    private final Machine machine = Machine.watch();
    private final SoftAssertions softly = new SoftAssertions();
    private long killedAt;

    @AfterEach
    void stop() {
        replicas.forEach(JarProcess::close);
        done(vertx.close());
        gallery.close();
        healthy.close();
        redis.close();
    }

    @Test
    void eachGetsWhatItIsOwed_whateverItDoesAndWhoeverDies() {
        IntStream.range(0, 2).forEach(i -> replicas.add(replica()));
        replicas.forEach(Drills::awaitStarted);
        warmUp();
        long steady = producer.pace(HEALTHY_A_SECOND,
                n -> producer.send("healthy-" + sentToHealthy.getAndIncrement(), healthy.uri()));
        visitAll();
        awaitOrCarryOn(OVER_WITHIN, () -> producer.unacknowledged() == 0 && isOver());
        double over = (System.nanoTime() - killedAt) / 1e9;
        vertx.cancelTimer(steady);
        awaitOrCarryOn(TIMEOUT.plus(LEASE).plus(TAKE_OVER),
                () -> producer.unacknowledged() == 0 && toHealthy().size() == sentToHealthy.get());

        judgeExhibits();
        print(over);
        softly.assertThat(cut).as("in the middle of an attempt when their replica died").isNotEmpty();
        judgeHealthy();
        judgeCounters();
        replicas.forEach(it -> softly.assertThat(Drills.errors(it)).isEmpty());
        softly.assertAll();
    }

    /** Once before, once by the replica that dies half a timeout later, and once while there is only the other. */
    private void visitAll() {
        pass(TIMEOUT);
        visit(0, this::next);
        pass(TIMEOUT);
        visit(1, this::doomed);
        pass(TIMEOUT.dividedBy(2));
        kill();
        visit(2, this::next);
        replicas.add(Drills.awaitStarted(replica()));
    }

    private void print(double over) {
        System.out.printf(Locale.ROOT, "%n%-18s %-10s %-10s %-10s %s%n", "receiver", "fate", "attempts", "requests",
                "the last error");
        rows.forEach(System.out::println);
        System.out.printf(Locale.ROOT, "cut short %s; all over %.1f s after the kill; machine stalled for %.1f s, load %s%n",
                cut, over, machine.stalledSeconds(), Machine.load());
    }

    private JarProcess replica() {
        String schedule = Gallery.SCHEDULE.stream().map(it -> it.toMillis() + "ms").collect(Collectors.joining(","));
        return Drills.replica(redis.url(), healthy.uri().toString(), Map.of(
                "ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", "127.0.0.0/8", "ANCILLARY_CALLBACKS_ALLOWED_HOSTS", "localhost",
                "ANCILLARY_DELIVERY_RETRY_SCHEDULE", schedule, "ANCILLARY_DELIVERY_TIMEOUT", TIMEOUT.toSeconds() + "s",
                "ANCILLARY_PROCESSING_LEASE", LEASE.toSeconds() + "s", "ANCILLARY_WARM_UP", "true", "ANCILLARY_OPERATOR_TOKEN",
                Api.OPERATOR_TOKEN,
                "QUARKUS_TLS_WEBHOOK_TRUST_STORE_PEM_CERTS", authority.pem().toString()), "-Xmx256m");
    }

    private JarProcess next() {
        List<JarProcess> now = List.copyOf(replicas);
        return now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
    }

    /** A replica that has just started takes a second for its first TLS handshake alone; that is not what is tried here. */
    private void warmUp() {
        try (Receiver secure = Receiver.tls(authority, Behaviour.ok())) {
            for (int i = 0; i < WARM_UPS; i++) {
                producer.send("warm-" + i, (i % 10 == 0 ? secure : healthy).uri());
                pass(Duration.ofMillis(5));
            }
            awaitOrCarryOn(OVER_WITHIN, () -> producer.unacknowledged() == 0 && operator.list("pending").isEmpty());
        }
    }

    /** One more outcome for each, which is delivered first by who takes it in. */
    private void visit(int round, Supplier<JarProcess> to) {
        gallery.exhibits().forEach(it -> producer.send(it.resource(round), it.receiver().uri(), to.get()));
    }

    private JarProcess doomed() {
        return replicas.get(0);
    }

    private void kill() {
        JarProcess doomed = doomed();
        replicas.remove(doomed);
        doomed.kill();
        killedAt = System.nanoTime();
    }

    /** Nothing is to be tried again but what is put off. What moves while a list is read may be missing from that list. */
    private boolean isOver() {
        long putOff = gallery.exhibits().stream().filter(it -> it.fate() == Fate.PUT_OFF).count();
        long ended = Stream.of("dead", "delivered").flatMap(status -> operator.list(status).stream())
                .filter(it -> !it.resource().startsWith("healthy") && !it.resource().startsWith("warm")).count();
        return ended == (gallery.exhibits().size() - putOff) * ROUNDS;
    }

    private void judgeExhibits() {
        Map<String, Row> found = operator.list("").stream().collect(Collectors.toMap(Row::resource, Function.identity()));
        for (Exhibit exhibit : gallery.exhibits()) {
            List<Row> its = IntStream.range(0, ROUNDS).mapToObj(exhibit::resource).filter(found::containsKey)
                    .map(resource -> operator.row(found.get(resource).id())).toList();
            Map<String, List<Hit>> hits = byResource(exhibit.receiver());
            softly.assertThat(its).as(exhibit.name()).hasSize(ROUNDS).anyMatch(it -> it.attempts() > 0);
            for (Row row : its) {
                judge(exhibit, row);
                judge(exhibit, row, hits.getOrDefault(row.resource(), List.of()));
            }
            rows.add(String.format(Locale.ROOT, "%-18s %-10s %-10s %-10s %s", exhibit.name(), exhibit.fate().status,
                    its.stream().map(it -> String.valueOf(it.attempts())).collect(Collectors.joining(" ")),
                    its.stream().map(it -> String.valueOf(hits.getOrDefault(it.resource(), List.of()).size()))
                            .collect(Collectors.joining(" ")),
                    its.stream().flatMap(it -> it.log().stream()).map(Attempt::error).reduce("", (one, next) -> next)));
        }
    }

    /** By what is written down of it. */
    private void judge(Exhibit exhibit, Row row) {
        softly.assertThat(row.status()).as(row.toString()).isEqualTo(exhibit.fate().status);
        softly.assertThat(row.log()).as(row.toString()).hasSize(row.attempts())
                .allMatch(it -> it.status() == exhibit.answer() && it.address().equals(exhibit.address()));
        if (exhibit.fate() == Fate.PUT_OFF) {
            softly.assertThat(row.attempts()).as(row.toString()).isLessThanOrEqualTo(1);
            softly.assertThat(row.nextAttemptAt()).as(row.toString())
                    .isBetween(Instant.now(), Instant.now().plus(MOST_PUT_OFF));
            softly.assertThat(row.log()).as(row.toString())
                    .allMatch(it -> !row.nextAttemptAt().isBefore(it.at().plus(exhibit.asked()).minus(GRANULARITY)));
        } else {
            softly.assertThat(row.attempts()).as(row.toString()).isEqualTo(exhibit.fate().attempts);
        }
        List<Long> begun = row.log().stream().map(it -> Duration.between(Instant.EPOCH, it.at()).toNanos()).toList();
        softly.assertThat(isLateEnough(exhibit, begun)).as("attempts by their schedule: " + row).isTrue();
    }

    /** By what its receiver saw. The dead replica may have made one attempt that it did not live to write down. */
    private void judge(Exhibit exhibit, Row row, List<Hit> hits) {
        List<Long> came = hits.stream().map(Hit::nanos).sorted().toList();
        int unwritten = hits.size() - row.log().size();
        softly.assertThat(hits).as(row.toString()).allMatch(it -> it.webhookId().equals(row.id()));
        if (!exhibit.isReached()) {
            softly.assertThat(hits).as(row.toString()).isEmpty();
        } else if (unwritten == 0) {
            softly.assertThat(isLateEnough(exhibit, came)).as("requests by their schedule: " + row).isTrue();
        } else {
            cut.add(row.resource());
            softly.assertThat(unwritten).as("more requests than attempts: " + row).isEqualTo(1);
            softly.assertThat(came.stream().filter(this::isOfTheDead))
                    .as("one of them cut short, and the others by their schedule: " + row)
                    .anyMatch(last -> isLateEnough(exhibit, came.stream().filter(it -> !it.equals(last)).toList()));
        }
    }

    private static boolean isLateEnough(Exhibit exhibit, List<Long> nanos) {
        return IntStream.range(1, nanos.size()).allMatch(i -> nanos.get(i) - nanos.get(i - 1) >= exhibit.leastWait(i + 1)
                .minus(GRANULARITY).toNanos());
    }

    /** Whether the replica that was killed may have been at it. */
    private boolean isOfTheDead(long nanos) {
        return nanos > killedAt - TIMEOUT.plus(ON_ITS_WAY).toNanos() && nanos < killedAt + ON_ITS_WAY.toNanos();
    }

    private void judgeHealthy() {
        Map<String, List<Hit>> hits = toHealthy();
        Latencies waited = new Latencies();
        hits.forEach((resource, its) -> producer.acknowledgedAt(resource)
                .ifPresent(at -> waited.add(Math.max(0, its.get(0).nanos() - at))));
        List<List<Hit>> repeated = hits.values().stream().filter(it -> it.size() > 1).toList();
        System.out.printf(Locale.ROOT, "healthy: sent %d, came %d, twice %d; from acknowledgement %s%n",
                sentToHealthy.get(), hits.size(), repeated.size(), waited);
        softly.assertThat(hits).as("outcomes for the healthy receiver").hasSize(sentToHealthy.get());
        softly.assertThat(repeated).as("came twice").allMatch(it -> it.size() == 2 && isOfTheDead(it.get(0).nanos())
                && it.get(0).webhookId().equals(it.get(1).webhookId()));
        softly.assertThat(waited.millis(1)).as("the longest wait, ms")
                .isLessThanOrEqualTo(LEASE.plus(TAKE_OVER).toMillis() + 1000 * machine.stalledSeconds());
    }

    private void judgeCounters() {
        int pending = operator.list("pending").size();
        int dead = operator.list("dead").size();
        long delivered = gallery.exhibits().stream().filter(it -> it.fate() == Fate.DELIVERED).count() * ROUNDS;
        String undelivered = redis.command("HGET", "anc:{0}:meta", "undelivered:packets");
        System.out.printf("pending %d, dead %d, undelivered as Redis counts %s%n", pending, dead, undelivered);
        softly.assertThat(undelivered).as("undelivered").isEqualTo(String.valueOf(pending + dead));
        softly.assertThat(operator.list("delivered").size()).as("delivered")
                .isEqualTo(WARM_UPS + delivered + sentToHealthy.get());
        softly.assertThat(redis.command("HGET", "anc:{0}:meta", "journal:packets")).as("in the journal").isEqualTo("0");
    }

    private Map<String, List<Hit>> toHealthy() {
        Map<String, List<Hit>> hits = byResource(healthy);
        hits.keySet().removeIf(resource -> !resource.startsWith("healthy"));
        return hits;
    }

    private static Map<String, List<Hit>> byResource(Receiver receiver) {
        return receiver.hits().stream().collect(groupingBy(it -> new JsonObject(it.text()).getString("resource_id")));
    }
}
