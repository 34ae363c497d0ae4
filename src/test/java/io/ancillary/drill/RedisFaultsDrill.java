package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.bench.ProcessCpu;
import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.TcpProxy;
import io.ancillary.testsupport.TcpProxy.Cut;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/**
 * Redis, and the way to it, fails in every manner we know of while packets come in: what was acknowledged is delivered,
 * the rest is refused in time and in order, and nobody has to help. Each replica has a way of its own to Redis.
 * {@code -Ddrill.seed=7 -Ddrill.pause=20} cuts elsewhere and pauses longer.
 */
class RedisFaultsDrill {
    private static final long SEED = Long.getLong("drill.seed", 1);
    private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("drill.pause", 8));
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("drill.outage", 4));
    private static final Duration BEYOND_THE_LEASE = Duration.ofSeconds(6);
    private static final int CUTS = Integer.getInteger("drill.cuts", 6);
    private static final int PACKETS_A_SECOND = Integer.getInteger("drill.rate", 100);
    private static final int REPEATS_A_SECOND = 3 * PACKETS_A_SECOND;
    private static final int TICKS_A_SECOND = 20;
    private static final int REPLICAS = 2;

    private static final double RECOVERED_WITHIN_SECONDS = 8;
    /** A call is given up after 2 s, and nobody should wait for more than one such call before his own. */
    private static final double ANSWERED_WITHIN_SECONDS = 5;
    private static final int MOST_LINES = 60;
    private static final double MOST_CORES = 0.5;
    private static final int DIALS_A_SECOND = 2;

    private final Random random = new Random(SEED);
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(8000)
            .setConnectTimeout(2000));
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
    private final List<TcpProxy> proxies = new ArrayList<>();
    private final List<JarProcess> replicas = new ArrayList<>();
    private final List<ProcessCpu> cpus = new ArrayList<>();

    private final Accounts accounts = new Accounts();
    private final Queue<Repeat> again = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Queue<String> odd = new ConcurrentLinkedQueue<>();
    private final AtomicLongArray acknowledgedAt = new AtomicLongArray(REPLICAS);
    private final Queue<String> wrongOfLost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger deliveredOfLost = new AtomicInteger();
    private final AtomicInteger incompleteOfLost = new AtomicInteger();
    /** Resources below this had packets in Redis when its data was lost. */
    private volatile int lostBelow;
    private volatile int sent;

    private final List<Row> rows = new ArrayList<>();
    private final Machine machine = Machine.watch();
    private final SoftAssertions softly = new SoftAssertions();

    private record Repeat(int n, int attempt) {
    }

    private record Row(String fault, int acknowledged, int refused, int delivered, int again, double seconds, double slowest,
            long lines, double cores, long connections, double stalled) {
    }

    /** What befalls Redis or the way to it; it is over when this returns. */
    private interface Strike {
        void run() throws Exception;
    }

    private void start(Duration gapTimeout) {
        HttpServer sink = listen(vertx, this::receive);
        for (int i = 0; i < REPLICAS; i++) {
            TcpProxy proxy = TcpProxy.to(redis.port(), SEED + i);
            proxies.add(proxy);
            JarProcess replica = Drills.replica("redis://127.0.0.1:" + proxy.port(), url(sink),
                    Map.of("ANCILLARY_PACKETS_GAP_TIMEOUT", gapTimeout.toSeconds() + "s"), "-Xmx128m");
            replicas.add(replica);
            cpus.add(new ProcessCpu(replica.pid()));
        }
        replicas.forEach(JarProcess::awaitReady);
    }

    @AfterEach
    void stop() {
        replicas.forEach(JarProcess::close);
        proxies.forEach(TcpProxy::close);
        done(vertx.close());
        redis.close();
    }

    @Test
    void losesAndDoublesNothing_whateverBefallsRedis() {
        // Longer than any outage here, or what is begun would rightly end as incomplete.
        start(PAUSE.plusSeconds(60));
        long producer = vertx.setPeriodic(1000 / TICKS_A_SECOND, tick -> send());
        warmUp();

        strike("restarted, SIGTERM", () -> {
            redis.stop();
            pass(OUTAGE);
            redis.restart();
        });
        strike("restarted, kill -9", () -> {
            redis.kill();
            pass(OUTAGE);
            redis.restart();
        });
        strike("paused for " + PAUSE.toSeconds() + " s", () -> {
            redis.pause();
            pass(PAUSE);
            redis.resume();
        });
        strike("cut before the request", () -> cut(Cut.BEFORE_THE_REQUEST));
        strike("cut before the reply", () -> cut(Cut.BEFORE_THE_REPLY));
        strike("cut within the reply", () -> cut(Cut.WITHIN_THE_REPLY));
        strike("connections refused", () -> {
            proxies.forEach(TcpProxy::refuse);
            pass(OUTAGE);
            proxies.forEach(TcpProxy::accept);
        });
        strike("one replica cut off", () -> {
            proxies.get(0).refuse();
            pass(BEYOND_THE_LEASE);
            proxies.get(0).accept();
        });
        strike("one replica's calls held", () -> {
            proxies.get(1).hold();
            pass(BEYOND_THE_LEASE);
            proxies.get(1).release();
        });
        strike("SCRIPT FLUSH", () -> redis.command("SCRIPT", "FLUSH"));
        strike("READONLY", () -> {
            redis.command("CONFIG", "SET", "replica-serve-stale-data", "yes");
            redis.command("REPLICAOF", "127.0.0.1", "1");
            pass(OUTAGE);
            redis.command("REPLICAOF", "NO", "ONE");
        });
        strike("NOREPLICAS", () -> {
            redis.command("CONFIG", "SET", "min-replicas-to-write", "1");
            pass(OUTAGE);
            redis.command("CONFIG", "SET", "min-replicas-to-write", "0");
        });
        strike("BUSY", this::keepBusy);
        strike("OOM", this::fillUp);
        strike("LOADING", this::loadSlowly);

        vertx.cancelTimer(producer);
        finish();
        print();
        softly.assertThat(accounts.wrong()).as("wrong").isEmpty();
        softly.assertThat(accounts.lost()).as("lost").isEmpty();
        softly.assertThat(accounts.doubled()).as("under two ids").isEmpty();
        softly.assertThat(odd).as("answers that are neither 202 nor 503").isEmpty();
        softly.assertAll();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                redis.command("HMGET", "anc:{0}:meta", "journal:packets", "undelivered:packets").lines())
                .containsExactly("0", "0"));
    }

    /** What was acknowledged before is lost by definition: the outcomes of that must only not be made up. */
    @Test
    void carriesOn_whenRedisComesBackEmpty() {
        start(Duration.ofSeconds(5));
        long producer = vertx.setPeriodic(1000 / TICKS_A_SECOND, tick -> send());
        warmUp();

        // A resource under way when the data goes is told from the next ones by where it stands.
        strike("emptied and restarted", () -> {
            lostBelow = Integer.MAX_VALUE;
            redis.command("FLUSHALL");
            pass(Duration.ofMillis(random.nextInt(1000)));
            redis.restart();
            await().atMost(Duration.ofSeconds(20)).until(() -> info("loading") == 0);
            redis.command("FLUSHALL");
            await().atMost(Duration.ofSeconds(20)).until(() -> replicas.stream().allMatch(JarProcess::isReady));
            sent = (accounts.resource(sent) + 2) * accounts.packetsAResource();
            lostBelow = accounts.resource(sent);
        });
        pass(Duration.ofSeconds(10));
        vertx.cancelTimer(producer);
        long leftOver = vertx.setPeriodic(1000 / TICKS_A_SECOND, tick -> sendAgain());
        int whole = accounts.resource(sent);
        await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(50)).until(() -> unacknowledged.get() == 0);
        List<Integer> missing = awaitDelivered(lostBelow, whole);
        vertx.cancelTimer(leftOver);
        print();
        System.out.printf(Locale.ROOT,
                "resources after it %d, of them not delivered %d; outcomes of resources before it %d, incomplete %d%n",
                whole - lostBelow, missing.size(), deliveredOfLost.get(), incompleteOfLost.get());

        softly.assertThat(missing).as("acknowledged after it, not delivered").isEmpty();
        softly.assertThat(accounts.wrong()).as("wrong").isEmpty();
        softly.assertThat(wrongOfLost).as("made up").isEmpty();
        softly.assertThat(accounts.doubled()).as("under two ids").filteredOn(it -> it >= lostBelow).isEmpty();
        softly.assertThat(odd).as("answers that are neither 202 nor 503").isEmpty();
        softly.assertAll();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                redis.command("HMGET", "anc:{0}:meta", "journal:packets", "undelivered:packets").lines())
                .containsExactly("0", "0"));
    }

    /** A JVM that has just started is slow, and on a busy machine for longer than any fixed time. */
    private void warmUp() {
        pass(Duration.ofSeconds(4));
        do {
            slowestNanos.set(0);
            pass(Duration.ofSeconds(1));
        } while (slowestNanos.get() > Duration.ofMillis(200).toNanos() && accounts.packets() < 30 * PACKETS_A_SECOND);
    }

    private List<Integer> awaitDelivered(int from, int to) {
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> accounts.undelivered(from, to).isEmpty());
        } catch (ConditionTimeoutException e) {
            // The list says more.
        }
        return accounts.undelivered(from, to);
    }

    private void cut(Cut where) {
        int before = cuts();
        for (int i = 0; i < CUTS; i++) {
            pass(Duration.ofMillis(100 + random.nextInt(900)));
            proxies.get(random.nextInt(REPLICAS)).cutNext(where);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> proxies.stream().noneMatch(TcpProxy::isToCut));
        softly.assertThat(cuts() - before).as("connections that were %s", where).isPositive();
    }

    private int cuts() {
        return proxies.stream().mapToInt(TcpProxy::cuts).sum();
    }

    /** A script that does not end, as an operator's might. */
    private void keepBusy() {
        redis.command("CONFIG", "SET", "lua-time-limit", "200");
        CompletableFuture<Void> endless = CompletableFuture.runAsync(() -> {
            try {
                redis.command("EVAL", "while true do end", "0");
            } catch (IllegalStateException e) {
                // Killed below.
            }
        });
        pass(OUTAGE);
        redis.command("SCRIPT", "KILL");
        endless.join();
    }

    /** What is in drains while nothing more comes in. */
    private void fillUp() {
        int refusedBefore = refused.get();
        redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        redis.command("CONFIG", "SET", "maxmemory", String.valueOf(info("used_memory") + 20_000));
        await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10)).until(() -> refused.get() > refusedBefore);
        // What drains makes room for more; so that nothing more fits in, the limit goes below what is used.
        redis.command("CONFIG", "SET", "maxmemory", String.valueOf(info("used_memory") * 3 / 4));
        pass(Duration.ofMillis(500));
        long full = System.nanoTime();
        int acknowledged = accounts.packets();
        pass(OUTAGE);
        softly.assertThat(accounts.open(full)).as("resources that were in at OOM, and did not drain").isZero();
        softly.assertThat(accounts.packets() - acknowledged).as("packets acknowledged at OOM").isZero();
        softly.assertThat(refused.get() - refusedBefore).as("packets refused at OOM").isGreaterThan(PACKETS_A_SECOND);
        redis.command("CONFIG", "SET", "maxmemory", "0");
    }

    /** Redis reads its file with a pause after every command, and answers in between that it does. */
    private void loadSlowly() {
        long commands = info("aof_current_size") / 90;
        long micros = Math.max(1, OUTAGE.toNanos() / 1000 / commands - 55);
        redis.kill();
        redis.restart("--key-load-delay", String.valueOf(micros));
        long began = System.nanoTime();
        await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20)).until(() -> info("loading") == 0);
        softly.assertThat((System.nanoTime() - began) / 1e9).as("seconds of loading").isGreaterThan(1);
    }

    private long info(String field) {
        return redis.command("INFO", "everything").lines().filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.substring(field.length() + 1).strip())).findFirst().orElseThrow();
    }

    private void strike(String fault, Strike strike) {
        long[] lines = each(this::linesOf);
        long[] micros = each(i -> cpus.get(i).micros());
        long[] connections = each(i -> proxies.get(i).connections());
        int acknowledged = accounts.packets();
        int refusals = refused.get();
        int delivered = accounts.delivered();
        int repeated = accounts.repeatedDeliveries();
        slowestNanos.set(0);
        double stalled = machine.stalledSeconds();
        long began = System.nanoTime();
        try {
            strike.run();
        } catch (Exception e) {
            throw new AssertionError(fault, e);
        }
        long instant = System.nanoTime();
        IntStream.range(0, REPLICAS).forEach(i -> acknowledgedAt.set(i, 0));
        double wall = (instant - began) / 1e3;
        // Of a moment, the clock of /proc says nothing.
        double cores = wall < 2e6 ? 0
                : IntStream.range(0, REPLICAS).mapToDouble(i -> (cpus.get(i).micros() - micros[i]) / wall).max().orElse(0);
        double seconds = awaitRecovery(instant);
        awaitCalm();
        long most = IntStream.range(0, REPLICAS).mapToLong(i -> linesOf(i) - lines[i]).max().orElse(0);
        long dials = IntStream.range(0, REPLICAS).mapToLong(i -> proxies.get(i).connections() - connections[i]).max().orElse(0);
        Row row = new Row(fault, accounts.packets() - acknowledged, refused.get() - refusals, accounts.delivered() - delivered,
                accounts.repeatedDeliveries() - repeated, seconds, slowestNanos.get() / 1e9, most, cores, dials,
                machine.stalledSeconds() - stalled);
        rows.add(row);
        System.out.println(text(row));
        softly.assertThat(seconds).as("seconds to recover: %s", fault)
                .isLessThan(RECOVERED_WITHIN_SECONDS + row.stalled());
        softly.assertThat(row.slowest()).as("slowest answer: %s", fault)
                .isLessThan(ANSWERED_WITHIN_SECONDS + row.stalled());
        softly.assertThat(row.lines()).as("lines logged by a replica: %s", fault).isLessThan(MOST_LINES);
        softly.assertThat(row.connections()).as("connections a replica tried: %s", fault)
                .isLessThan(10 + DIALS_A_SECOND * (long) (wall / 1e6));
        softly.assertThat(row.cores()).as("cores a replica used: %s", fault).isLessThan(MOST_CORES);
    }

    private long linesOf(int replica) {
        return replicas.get(replica).output().lines().count();
    }

    private static long[] each(IntToLongFunction value) {
        return IntStream.range(0, REPLICAS).mapToLong(value).toArray();
    }

    /** All that was acknowledged before is delivered, and each replica takes packets in. */
    private double awaitRecovery(long instant) {
        try {
            await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(5))
                    .until(() -> isEmptied() || accounts.open(instant) == 0);
            await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(5))
                    .until(() -> IntStream.range(0, REPLICAS).allMatch(i -> acknowledgedAt.get(i) != 0));
        } catch (ConditionTimeoutException e) {
            return Double.POSITIVE_INFINITY;
        }
        long takesIn = IntStream.range(0, REPLICAS).mapToLong(acknowledgedAt::get).max().orElse(0);
        long settled = isEmptied() ? instant : accounts.settledAt(instant);
        return Math.max(0, (Math.max(takesIn, settled) - instant) / 1e9);
    }

    private boolean isEmptied() {
        return lostBelow > 0;
    }

    /** The next fault begins when this one's refused packets are in. */
    private void awaitCalm() {
        try {
            await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50))
                    .until(() -> unacknowledged.get() < PACKETS_A_SECOND / 4);
        } catch (ConditionTimeoutException e) {
            softly.fail("%d packets are not taken in", unacknowledged.get());
        }
        pass(Duration.ofSeconds(1));
    }

    /** The last resource is made whole, and all are awaited. */
    private void finish() {
        while (sent % accounts.packetsAResource() != 0) {
            post(sent, 0);
            sent = sent + 1;
        }
        long leftOver = vertx.setPeriodic(1000 / TICKS_A_SECOND, tick -> sendAgain());
        try {
            await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(50))
                    .until(() -> accounts.delivered() >= accounts.resource(sent));
        } catch (ConditionTimeoutException e) {
            softly.fail("delivered %d of %d resources", accounts.delivered(), accounts.resource(sent));
        }
        vertx.cancelTimer(leftOver);
    }

    private void send() {
        sendAgain();
        for (int i = 0; i < PACKETS_A_SECOND / TICKS_A_SECOND; i++) {
            int n = sent;
            sent = n + 1;
            post(n, 0);
        }
    }

    private void sendAgain() {
        Drills.sendAgain(again, REPEATS_A_SECOND / TICKS_A_SECOND, next -> post(next.n(), next.attempt()));
    }

    /** To one replica, and when it refuses to the other. */
    private void post(int n, int attempt) {
        if (attempt == 0) {
            unacknowledged.incrementAndGet();
        }
        int replica = (n + attempt) % REPLICAS;
        long began = System.nanoTime();
        Drills.post(client, replicas.get(replica).port(), Api.PACKETS, accounts.packet(n), Duration.ofSeconds(60))
                .compose(response -> response.body().map(body -> {
                    slowestNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
                    answered(n, attempt, replica, response, body.toString());
                    return body;
                })).onFailure(failure -> {
                    odd.add("packet " + n + ": " + failure);
                    repeat(n, attempt);
                });
    }

    private void answered(int n, int attempt, int replica, HttpClientResponse response, String body) {
        if (response.statusCode() == 202) {
            accounts.acknowledge(n);
            unacknowledged.decrementAndGet();
            acknowledgedAt.compareAndSet(replica, 0, System.nanoTime());
            return;
        }
        boolean inOrder = response.statusCode() == 503 && "1".equals(response.getHeader("Retry-After"))
                && body.matches(".*\"code\":\"(store_unavailable|over_capacity)\".*");
        // What becomes of a resource that was cut in two by the loss of its first half is no matter of intake.
        if (accounts.resource(n) < lostBelow && response.statusCode() == 409) {
            unacknowledged.decrementAndGet();
            return;
        }
        if (!inOrder) {
            odd.add("packet " + n + ": " + response.statusCode() + " " + response.headers() + " " + body);
        }
        refused.incrementAndGet();
        repeat(n, attempt);
    }

    private void repeat(int n, int attempt) {
        vertx.setTimer(1000 + n % 200, timer -> again.add(new Repeat(n, attempt + 1)));
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            String outcome = body.toString();
            int resource = Integer.parseInt(new JsonObject(outcome).getString("resource_id").substring(1));
            if (resource >= lostBelow) {
                accounts.deliver(request.getHeader("webhook-id"), outcome);
            } else {
                deliveredOfLost.incrementAndGet();
                incompleteOfLost.addAndGet(outcome.contains("\"incomplete\"") ? 1 : 0);
                if (!accounts.addsUp(outcome)) {
                    wrongOfLost.add(outcome);
                }
            }
            request.response().end();
        });
    }

    private static String text(Row row) {
        return String.format(Locale.ROOT, "%-26s %12d %8d %10d %16d %12.2f %10.2f %6d %6.2f %6d %8.1f", row.fault(),
                row.acknowledged(), row.refused(), row.delivered(), row.again(), row.seconds(), row.slowest(), row.lines(),
                row.cores(), row.connections(), row.stalled());
    }

    private void print() {
        System.out.printf(Locale.ROOT, "%nseed %d, %d packets/s, %d replicas, appendfsync always%n", SEED, PACKETS_A_SECOND,
                REPLICAS);
        System.out.printf("%-26s %12s %8s %10s %16s %12s %10s %6s %6s %6s %8s%n", "fault", "acknowledged", "503", "delivered",
                "delivered again", "recovered s", "slowest s", "lines", "cores", "dials", "stalled");
        rows.forEach(row -> System.out.println(text(row)));
        System.out.printf("acknowledged %d packets, delivered %d resources, lost %d, wrong %d, under two ids %d%n",
                accounts.packets(), accounts.delivered(), accounts.lost().size(), accounts.wrong().size(),
                accounts.doubled().size());
    }
}
