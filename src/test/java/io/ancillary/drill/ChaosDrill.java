package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.signal;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;

/**
 * Replicas die while packets come in: at random, at each named point, in the middle of a webhook, and of a pause they
 * wake up after being declared dead. Every packet is accounted for. {@code -Ddrill.seed=7 -Ddrill.seconds=900} is
 * another and a longer one.
 */
class ChaosDrill {
    private static final long SEED = Long.getLong("drill.seed", 1);
    private static final int SECONDS = Integer.getInteger("drill.seconds", 120);
    private static final int PACKETS_A_SECOND = Integer.getInteger("drill.rate", 100);
    private static final int REPLICAS = 2;
    private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("drill.pause", 6));
    private static final Duration LONG_PAUSE = Duration.ofSeconds(Integer.getInteger("drill.longPause", 20));
    /** In which each point is reached, or the drill fails; in less there is no time for all of them. */
    private static final int LONG = 900;
    private static final Duration RECOVERED_WITHIN = Duration.ofSeconds(5);
    /** After a third failure a delivery waits for as long as a recovery may take, after a fourth for half a minute. */
    private static final int MOST_REFUSALS = 2;
    private static final List<String> POINTS = List.of("accept:before", "accept:after", "collate:before", "collate:after",
            "outcome:after", "settle:before", "settle:after", "tick:before", "tick:after", "takeOver:before",
            "takeOver:after", "journal:after", "claim:after", "join:after");

    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(4);

    private final Random random = new Random(SEED);
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(
            new HttpClientOptions().setMaxPoolSize(64).setConnectTimeout(500).setIdleTimeout(5)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS));
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes");
    private final List<JarProcess> replicas = new CopyOnWriteArrayList<>();
    private final List<JarProcess> dead = new ArrayList<>();
    private final Accounts accounts = new Accounts();
    private final Queue<Integer> again = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> faults = new TreeMap<>();
    private final Queue<String> points = new ArrayDeque<>(POINTS);
    private final Map<String, Integer> notReached = new TreeMap<>();
    private final Set<String> reached = new TreeSet<>();
    private final List<JarProcess> paused = new ArrayList<>();
    private final List<Double> recoveries = new ArrayList<>();
    private final Machine machine = Machine.watch();
    private final AtomicInteger webhooks = new AtomicInteger();
    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
    private volatile boolean killNextReceived;
    private volatile boolean nothingIsTaken;
    private volatile JarProcess killedInWebhook;
    private long diedAt;
    private int late;
    private double stalledBefore;
    private String webhook = "";
    private int sent;

    @AfterEach
    void stop() {
        replicas.forEach(JarProcess::close);
        done(vertx.close());
        redis.close();
    }

    @Test
    void losesAndDoublesNothing_whateverDiesWhen() {
        HttpServer sink = listen(vertx, this::receive);
        webhook = url(sink);
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(replica("none", 0));
        }
        long producer = vertx.setPeriodic(50, tick -> send());
        long until = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        int round = 0;
        while (System.nanoTime() < until) {
            strike(round++);
        }
        vertx.cancelTimer(producer);
        long leftOver = vertx.setPeriodic(50, tick -> sendAgain(100));
        int whole = sent / accounts.packetsAResource();
        await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(50))
                .until(() -> accounts.delivered() >= whole);
        vertx.cancelTimer(leftOver);

        print();
        assertThat(accounts.wrong()).isEmpty();
        assertThat(accounts.lost()).isEmpty();
        assertThat(accounts.doubled()).isEmpty();
        assertThat(faults.values().stream().mapToInt(Integer::intValue).sum()).as("faults that hit").isPositive();
        assertThat(takeOvers()).as("take-overs").isPositive();
        assertThat(paused).as("paused beyond the lease, and declared dead").allMatch(it -> expulsions(it) > 0);
        if (SECONDS >= LONG) {
            assertThat(neverReached()).as("points never reached").isEmpty();
        }
        assertThat(late).as("recoveries that took longer than %s, of %s", RECOVERED_WITHIN, recoveries).isZero();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                redis.command("HMGET", "anc:{0}:meta", "journal:packets", "undelivered:packets").lines())
                .containsExactly("0", "0"));
    }

    /** One replica goes, in one way or another, and comes back. */
    private void strike(int round) {
        pass(Duration.ofMillis(500 + random.nextInt(1500)));
        JarProcess victim = replicas.get(random.nextInt(replicas.size()));
        switch (round % 4) {
            case 0 -> {
                victim.kill();
                recover(victim, "kill -9");
            }
            case 1 -> {
                String point = points.remove();
                dieAt(point);
                points.add(point);
            }
            case 2 -> pause(victim, paused.isEmpty() ? LONG_PAUSE : PAUSE);
            default -> dieInAWebhook();
        }
    }

    /** A replica that will die at a point joins; where it might be beaten to it, it is left alone. */
    private void dieAt(String point) {
        JarProcess doomed = replica(point, 1 + random.nextInt(isReachedOften(point) ? 8 : 1));
        diedAt = System.nanoTime();
        replicas.add(doomed);
        if (doomed.isAlive() && isReachedAlone(point)) {
            leaveAlone(doomed, point);
        }
        awaitDeath(doomed);
        replicas.remove(doomed);
        dead.add(doomed);
        String fault = doomed.isAlive() ? "kill -9, " + point + " not reached" : "at " + point;
        if (doomed.isAlive()) {
            // Never got there: it goes as any other would.
            doomed.kill();
            diedAt = System.nanoTime();
            notReached.merge(point, 1, Integer::sum);
        } else {
            reached.add(point);
        }
        if (replicas.isEmpty()) {
            replicas.add(replica("none", 0));
            // Before that there was nobody to recover anything.
            diedAt = System.nanoTime();
        }
        awaitRecovery(diedAt, fault);
        while (replicas.size() < REPLICAS) {
            replicas.add(replica("none", 0));
        }
    }

    private static boolean isReachedOften(String point) {
        return !isReachedAlone(point) && !point.startsWith("join");
    }

    private static boolean isReachedAlone(String point) {
        return point.startsWith("takeOver") || point.startsWith("journal") || isReachedFromTheOutbox(point);
    }

    /** A small outcome is read only for another attempt: of the first it came with the answer to its last packet. */
    private static boolean isReachedFromTheOutbox(String point) {
        return point.startsWith("claim") || point.startsWith("outcome");
    }

    private void leaveAlone(JarProcess doomed, String point) {
        if (isReachedFromTheOutbox(point)) {
            // Only what nobody took comes to the outbox, from which deliveries are claimed.
            nothingIsTaken = true;
            pass(Duration.ofSeconds(2));
        }
        List<JarProcess> others = replicas.stream().filter(it -> it != doomed).toList();
        replicas.removeAll(others);
        dead.addAll(others);
        others.forEach(JarProcess::kill);
        nothingIsTaken = false;
    }

    private void awaitDeath(JarProcess doomed) {
        long began = System.nanoTime();
        while (doomed.isAlive() && System.nanoTime() - began < Duration.ofSeconds(12).toNanos()) {
            pass(Duration.ofMillis(20));
            diedAt = System.nanoTime();
        }
    }

    private void pause(JarProcess victim, Duration pause) {
        long instant = System.nanoTime();
        signal(victim, "-STOP");
        pass(pause);
        signal(victim, "-CONT");
        paused.add(victim);
        awaitRecovery(instant + pause.toNanos(), "paused for " + pause.toSeconds() + " s");
    }

    private void dieInAWebhook() {
        killedInWebhook = null;
        killNextReceived = true;
        await().atMost(Duration.ofSeconds(20)).until(() -> killedInWebhook != null);
        recover(killedInWebhook, "kill -9 in a webhook");
    }

    private void recover(JarProcess killed, String fault) {
        long instant = System.nanoTime();
        replicas.remove(killed);
        dead.add(killed);
        awaitRecovery(instant, fault);
        replicas.add(replica("none", 0));
    }

    private void awaitRecovery(long instant, String fault) {
        await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10)).until(() -> accounts.open(instant) == 0);
        double seconds = Math.max(0, (accounts.settledAt(instant) - instant) / 1e9);
        recoveries.add(seconds);
        late += seconds > RECOVERED_WITHIN.toSeconds() + machine.stalledSeconds() - stalledBefore ? 1 : 0;
        stalledBefore = machine.stalledSeconds();
        faults.merge(fault, 1, Integer::sum);
        System.out.printf(Locale.ROOT, "%-28s recovered in %4.1f s; acknowledged %d, delivered %d%n", fault, seconds,
                accounts.packets(), accounts.delivered() * accounts.packetsAResource());
    }

    private JarProcess replica(String point, int call) {
        JarProcess started = Drills.replica(redis.url(), webhook, Map.of(), "-Xmx128m", "-Dfault.point=" + point,
                "-Dfault.call=" + call);
        return Drills.awaitStarted(started);
    }

    private void send() {
        int each = PACKETS_A_SECOND / 20;
        int repeated = sendAgain(each);
        for (int i = repeated; i < each; i++) {
            post(sent++);
        }
    }

    private int sendAgain(int most) {
        return Drills.sendAgain(again, most, this::post);
    }

    private void post(int n) {
        List<JarProcess> now = List.copyOf(replicas);
        if (now.isEmpty()) {
            again.add(n);
            return;
        }
        JarProcess to = now.get(n % now.size());
        Drills.post(client, to.port(), Api.PACKETS, accounts.packet(n), ANSWERED_WITHIN).onComplete(answer -> {
            if (answer.succeeded() && answer.result().statusCode() == 202) {
                accounts.acknowledge(n);
            } else {
                vertx.setTimer(200, timer -> again.add(n));
            }
        });
    }

    /** Most are taken at once; some fail, and some only once they were taken. */
    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            int n = webhooks.incrementAndGet();
            if (killNextReceived) {
                killNextReceived = false;
                JarProcess sender = replicas.get(n % replicas.size());
                sender.kill();
                killedInWebhook = sender;
            }
            String id = request.getHeader("webhook-id");
            if ((nothingIsTaken || n % 50 == 0) && refusals.merge(id, 1, Integer::sum) <= MOST_REFUSALS) {
                request.response().setStatusCode(500).end();
            } else {
                accounts.deliver(id, body.toString());
                if (n % 70 == 0) {
                    request.connection().close();
                } else {
                    request.response().end();
                }
            }
        });
    }

    private static long expulsions(JarProcess replica) {
        return replica.output().lines().filter(line -> line.contains("what it held is another's now")).count();
    }

    private List<String> neverReached() {
        return POINTS.stream().filter(point -> !reached.contains(point)).toList();
    }

    private long takeOvers() {
        return java.util.stream.Stream.concat(replicas.stream(), dead.stream())
                .mapToLong(replica -> replica.output().lines().filter(line -> line.contains("takes over")).count()).sum();
    }

    private void print() {
        System.out.printf(Locale.ROOT, "seed %d, %d s, %d packets/s, 2 to 3 replicas, appendonly yes%n", SEED, SECONDS,
                PACKETS_A_SECOND);
        faults.forEach((fault, count) -> System.out.printf("  %-28s %d%n", fault, count));
        System.out.printf("  points struck and not reached: %s; never reached: %s%n", notReached, neverReached());
        System.out.printf("  replicas paused %d, declared dead meanwhile %d; machine stalled for %.1f s, load %s%n",
                paused.size(),
                paused.stream().filter(it -> expulsions(it) > 0).count(), machine.stalledSeconds(), Machine.load());
        System.out.printf(Locale.ROOT,
                "acknowledged %d packets, delivered %d resources, lost %d, wrong %d, under two ids %d, delivered again %d, take-overs %d, recovered in at most %.1f s%n",
                accounts.packets(), accounts.delivered(), accounts.lost().size(), accounts.wrong().size(),
                accounts.doubled().size(), accounts.repeatedDeliveries(), takeOvers(),
                recoveries.stream().mapToDouble(Double::doubleValue).max().orElse(0));
    }
}
