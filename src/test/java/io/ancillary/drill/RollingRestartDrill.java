package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.url;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;

/**
 * Each replica in turn is told to stop and replaced, while packets come to those that say they are ready. A client that
 * repeats a request once, at another replica, notices nothing; nor does who waits for a webhook.
 */
class RollingRestartDrill {
    private static final int REPLICAS = 3;
    private static final int ROUNDS = Integer.getInteger("drill.rounds", 2);
    private static final int PACKETS_A_SECOND = Integer.getInteger("drill.rate", 100);
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(200);
    private static final Duration PROBED_WITHIN = Duration.ofSeconds(1);
    private static final int MOST_UNANSWERED = 3;
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(4);

    private static final Duration NEW = Duration.ofSeconds(2);

    private static final double MOST_MILLIS = 250;
    private static final double STOPS_WITHIN_SECONDS = 5;
    private static final double DELIVERED_WITHIN_MILLIS = 5000;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(64)
            .setConnectTimeout(500));
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes");
    private final List<JarProcess> replicas = new CopyOnWriteArrayList<>();
    private final Set<JarProcess> ready = ConcurrentHashMap.newKeySet();
    private final Accounts accounts = new Accounts();
    private final Latencies requests = new Latencies();
    private final Map<String, Latencies> requestsWhen = new ConcurrentHashMap<>();
    private final Map<JarProcess, Long> readySince = new ConcurrentHashMap<>();
    private volatile boolean starting;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final Map<String, AtomicInteger> firstTries = new ConcurrentHashMap<>();
    private final Map<JarProcess, Integer> unansweredProbes = new ConcurrentHashMap<>();
    private final Queue<String> outOfService = new ConcurrentLinkedQueue<>();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final List<String> rows = new ArrayList<>();
    private final Machine machine = Machine.watch();
    private final SoftAssertions softly = new SoftAssertions();
    private String webhook = "";
    private volatile int sent;

    @AfterEach
    void stop() {
        replicas.forEach(JarProcess::close);
        done(vertx.close());
        redis.close();
    }

    @Test
    void nobodyNotices_whenEachReplicaInTurnIsReplaced() {
        webhook = url(listen(vertx, this::receive));
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(replica());
        }
        replicas.forEach(Drills::awaitStarted);
        vertx.setPeriodic(BETWEEN_PROBES.toMillis(), timer -> replicas.forEach(this::probe));
        await().until(() -> ready.size() == REPLICAS);
        long producer = vertx.setPeriodic(1000 / PACKETS_A_SECOND, timer -> send(sent++));
        pass(Duration.ofSeconds(5));

        for (int i = 0; i < ROUNDS * REPLICAS; i++) {
            restart(i % REPLICAS);
            pass(Duration.ofSeconds(2));
        }

        vertx.cancelTimer(producer);
        pass(Duration.ofSeconds(1));
        while (sent % accounts.packetsAResource() != 0) {
            send(sent++);
        }
        awaitDelivered();
        print();
        judge();
        softly.assertAll();
    }

    private void restart(int place) {
        JarProcess old = replicas.get(place);
        Map<String, Integer> before = tries();
        double stalled = machine.stalledSeconds();
        long told = System.nanoTime();
        int exitCode = old.stop();
        double stopped = (System.nanoTime() - told) / 1e9;
        double stalledMeanwhile = machine.stalledSeconds() - stalled;
        long began = System.nanoTime();
        starting = true;
        JarProcess next = replica();
        replicas.set(place, next);
        Drills.awaitStarted(next);
        await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(20)).until(() -> ready.contains(next));
        starting = false;
        double started = (System.nanoTime() - began) / 1e9;
        Map<String, Integer> after = tries();
        before.forEach((what, count) -> after.merge(what, -count, Integer::sum));
        after.values().removeIf(count -> count == 0);
        rows.add(String.format(Locale.ROOT, "%-8d %10.2f %10d %10.2f   %s", place + 1, stopped, exitCode, started, after));
        softly.assertThat(exitCode).as("exit code").isIn(0, 143);
        softly.assertThat(stopped).as("seconds to stop").isLessThanOrEqualTo(STOPS_WITHIN_SECONDS + stalledMeanwhile);
        softly.assertThat(old.output()).doesNotContain("ERROR", "\tat ");
    }

    private JarProcess replica() {
        return Drills.replica(redis.url(), webhook, Map.of("ANCILLARY_WARM_UP", System.getProperty("drill.warmUp", "true")),
                "-Xmx128m");
    }

    /**
     * As Kubernetes does: one that says that it is not ready is sent nothing more, and likewise one that has not answered
     * so many times in a row. While a JVM starts on a machine of two cores, one answer or another comes late.
     */
    private void probe(JarProcess replica) {
        RequestOptions to = new RequestOptions().setMethod(HttpMethod.GET).setHost("127.0.0.1")
                .setPort(replica.management("/").getPort()).setURI("/q/health/ready").setTimeout(PROBED_WITHIN.toMillis());
        client.request(to).compose(request -> request.send()).onComplete(answer -> {
            if (answer.succeeded() && answer.result().statusCode() == 200) {
                unansweredProbes.remove(replica);
                readySince.putIfAbsent(replica, System.nanoTime());
                ready.add(replica);
            } else if (answer.succeeded() || answer.cause() instanceof ConnectException
                    || unansweredProbes.merge(replica, 1, Integer::sum) >= MOST_UNANSWERED) {
                if (ready.remove(replica)) {
                    outOfService.add(String.format(Locale.ROOT, "replica %d at packet %d: %s", replicas.indexOf(replica) + 1,
                            sent, answer.succeeded() ? answer.result().statusCode() : kind(answer.cause())));
                }
            }
        });
    }

    private void send(int n) {
        unanswered.incrementAndGet();
        List<JarProcess> now = inService();
        long began = System.nanoTime();
        if (now.isEmpty()) {
            failed.add("packet " + n + ": no replica is ready");
            unanswered.decrementAndGet();
            return;
        }
        JarProcess first = now.get(n % now.size());
        post(n, first, began, problem -> {
            firstTries.computeIfAbsent(problem, none -> new AtomicInteger()).incrementAndGet();
            List<JarProcess> others = inService().stream().filter(it -> it != first).toList();
            JarProcess second = others.isEmpty() ? first : others.get(n % others.size());
            post(n, second, began, again -> {
                failed.add("packet " + n + ": " + problem + ", then " + again);
                unanswered.decrementAndGet();
            });
        });
    }

    private List<JarProcess> inService() {
        return replicas.stream().filter(ready::contains).toList();
    }

    private void post(int n, JarProcess to, long began, Consumer<String> otherwise) {
        String when = when(to);
        Drills.post(client, to.port(), Api.PACKETS, accounts.packet(n), ANSWERED_WITHIN).onComplete(answer -> {
            if (answer.succeeded() && answer.result().statusCode() == 202) {
                requests.add(System.nanoTime() - began);
                requestsWhen.computeIfAbsent(when, none -> new Latencies()).add(System.nanoTime() - began);
                accounts.acknowledge(n);
                unanswered.decrementAndGet();
            } else {
                otherwise.accept(answer.succeeded() ? String.valueOf(answer.result().statusCode()) : kind(answer.cause()));
            }
        });
    }

    /** A JVM that starts takes the machine for itself, and one that has just started is slow. */
    private String when(JarProcess to) {
        boolean isNew = System.nanoTime() - readySince.getOrDefault(to, 0L) < NEW.toNanos();
        return isNew ? "to one that has just become ready" : starting ? "while another starts" : "otherwise";
    }

    private static String kind(Throwable failure) {
        return String.valueOf(failure.getMessage()).replaceAll(":? ?/?127\\.0\\.0\\.1.*", "");
    }

    private Map<String, Integer> tries() {
        Map<String, Integer> tries = new TreeMap<>();
        firstTries.forEach((what, count) -> tries.put(what, count.get()));
        return tries;
    }

    private void awaitDelivered() {
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> unanswered.get() == 0
                    && accounts.delivered() + failed.size() >= accounts.resource(sent));
        } catch (ConditionTimeoutException e) {
            // What is missing is said below.
        }
    }

    private void judge() {
        softly.assertThat(failed).as("packets that failed for a client").isEmpty();
        softly.assertThat(requests.millis(0.99)).as("p99 of requests, ms").isLessThanOrEqualTo(MOST_MILLIS);
        softly.assertThat(accounts.deliveries().millis(1)).as("from acknowledgement to webhook, ms")
                .isLessThanOrEqualTo(DELIVERED_WITHIN_MILLIS);
        softly.assertThat(accounts.undelivered(0, accounts.resource(sent))).as("not delivered").isEmpty();
        softly.assertThat(accounts.wrong()).as("wrong").isEmpty();
        softly.assertThat(accounts.doubled()).as("under two ids").isEmpty();
        softly.assertThat(redis.command("HMGET", "anc:{0}:meta", "journal:packets", "undelivered:packets")).as("left over")
                .isEqualTo("0\n0");
    }

    private void print() {
        System.out.printf("%n%d replicas, %d packets/s, appendonly yes, -Xmx128m%n", REPLICAS, PACKETS_A_SECOND);
        System.out.printf("%-8s %10s %10s %10s   %s%n", "replica", "stopped s", "exit code", "ready s",
                "first tries that failed");
        rows.forEach(System.out::println);
        System.out.printf("out of service: %s%n", outOfService);
        System.out.printf("requests, with the repetition: %s%n", requests);
        requestsWhen.forEach((when, took) -> System.out.printf("  %-34s %s%n", when, took));
        System.out.printf("last packet acknowledged to webhook: %s%n", accounts.deliveries());
        System.out.printf("machine stalled for %.1f s, load %s%n", machine.stalledSeconds(), Machine.load());
        System.out.printf("sent %d packets, first tries that failed %s, failed %d; delivered %d resources, lost %d, wrong %d, "
                + "under two ids %d, delivered again %d%n", sent, tries(), failed.size(), accounts.delivered(),
                accounts.lost().size(), accounts.wrong().size(), accounts.doubled().size(), accounts.repeatedDeliveries());
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            accounts.deliver(request.getHeader("webhook-id"), body.toString());
            request.response().end();
        });
    }
}
