package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.residentMegabytes;
import static io.ancillary.drill.Drills.url;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.bench.ProcessCpu;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;

/**
 * One body of a gigabyte, in a process of 128 MB: memory stays flat, and while Redis takes nothing in, nothing is read
 * from the client. {@code -Ddrill.megabytes=} says how much it is.
 */
class BulkDrill {
    private static final int MEGABYTE = 1024 * 1024;
    private static final long BYTES = Long.getLong("drill.megabytes", 1024) * MEGABYTE;
    private static final int PAYLOAD_SIZE = 9000;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** All of it resident from the first: what grows is something else. */
    private static final String[] HEAP = { "-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch" };
    private static final double MOST_GROWTH = 1.15;
    private static final double MOST_RESIDENT = 450;
    /** What the system keeps for two sockets of this machine, and what is read and not in Redis yet. */
    private static final int MOST_MEGABYTES_IN_A_PAUSE = 16;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new HttpClientOptions().setSendBufferSize(256 * 1024));
    private final RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "everysec");
    private final Accounts accounts = new Accounts(PAYLOAD_SIZE);
    private final List<Double> resident = new ArrayList<>();
    private final SoftAssertions softly = new SoftAssertions();
    private volatile int packets;
    private volatile long sent;

    @AfterEach
    void stop() {
        done(vertx.close());
        redis.close();
    }

    @Test
    void takesAGigabyteInFlatMemory_andNoFasterThanRedisDoes() {
        String webhook = url(listen(vertx, this::receive));
        try (JarProcess replica = Drills.awaitStarted(Drills.replica(redis.url(), webhook, Map.of(), HEAP))) {
            long cpu = new ProcessCpu(replica.pid()).micros();
            long cpuOfRedis = new ProcessCpu(redis.pid()).micros();
            long began = System.nanoTime();
            Future<JsonObject> report = send(replica.port());
            look(replica, () -> report.isComplete() || sent > BYTES / 2);
            double inAPause = megabytesInAPause();
            look(replica, report::isComplete);
            double seconds = (System.nanoTime() - began) / 1e9;
            Drills.awaitOrCarryOn(LONGEST, () -> accounts.delivered() == accounts.resource(packets));

            System.out.printf(Locale.ROOT,
                    "%n%.0f MB in one body: %,d packets of %,d bytes in %.1f s, %.0f packets/s, %.0f MB/s; "
                            + "CPU of service %.0f µs and of Redis %.0f µs a packet%n",
                    sent / (double) MEGABYTE, packets, PAYLOAD_SIZE,
                    seconds, packets / seconds, sent / seconds / MEGABYTE,
                    (new ProcessCpu(replica.pid()).micros() - cpu) / (double) packets,
                    (new ProcessCpu(redis.pid()).micros() - cpuOfRedis) / (double) packets);
            System.out.printf(Locale.ROOT, "RSS at -Xmx128m: %.0f MB at one third, at most %.0f MB in the last third%n",
                    atOneThird(), mostInLastThird());
            System.out.printf(Locale.ROOT, "read from the client while Redis paused for %d ms: %.1f MB%n", PAUSE.toMillis(),
                    inAPause);
            System.out.printf("delivered %d resources, wrong %d, under two ids %d%n", accounts.delivered(),
                    accounts.wrong().size(), accounts.doubled().size());

            softly.assertThat(report.succeeded() ? report.result() : new JsonObject().put("failed", report.cause())).isEqualTo(
                    new JsonObject("{\"accepted\":" + packets + ",\"duplicates\":0,\"rejected_count\":0,\"rejected\":[]}"));
            softly.assertThat(mostInLastThird()).as("RSS in the last third, MB")
                    .isLessThanOrEqualTo(MOST_GROWTH * atOneThird()).isLessThanOrEqualTo(MOST_RESIDENT);
            softly.assertThat(inAPause).as("MB read while Redis paused").isLessThanOrEqualTo(MOST_MEGABYTES_IN_A_PAUSE);
            softly.assertThat(accounts.undelivered(0, accounts.resource(packets))).as("not delivered").isEmpty();
            softly.assertThat(accounts.wrong()).as("wrong").isEmpty();
            softly.assertThat(accounts.doubled()).as("under two ids").isEmpty();
            softly.assertThat(Drills.errors(replica)).isEmpty();
        }
        softly.assertAll();
    }

    private void look(JarProcess replica, BooleanSupplier over) {
        long until = System.nanoTime() + LONGEST.toNanos();
        while (!over.getAsBoolean() && System.nanoTime() < until) {
            resident.add(residentMegabytes(replica.pid()));
            pass(BETWEEN_LOOKS);
        }
    }

    private double megabytesInAPause() {
        redis.pause();
        long before = sent;
        pass(PAUSE);
        long after = sent;
        redis.resume();
        return (after - before) / (double) MEGABYTE;
    }

    private Future<JsonObject> send(int port) {
        return client.request(new RequestOptions().setMethod(HttpMethod.POST).setHost("127.0.0.1").setPort(port)
                .setURI("/api/v1/ancillary/packets").putHeader("Content-Type", "application/x-ndjson"))
                .compose(request -> {
                    request.setChunked(true).drainHandler(room -> write(request));
                    write(request);
                    return request.response();
                })
                .compose(response -> response.body().map(Buffer::toJsonObject));
    }

    /** As much as goes; ends with the resource in which there is enough. */
    private void write(HttpClientRequest request) {
        while (!request.writeQueueFull()) {
            int n = packets;
            if (sent >= BYTES && n % accounts.packetsAResource() == 0) {
                request.drainHandler(null).end();
                return;
            }
            Buffer line = Buffer.buffer(accounts.packet(n)).appendByte((byte) '\n');
            packets = n + 1;
            sent = sent + line.length();
            request.write(line);
        }
    }

    private double atOneThird() {
        return resident.get(resident.size() / 3);
    }

    private double mostInLastThird() {
        return resident.subList(resident.size() * 2 / 3, resident.size()).stream().mapToDouble(Double::doubleValue).max()
                .orElseThrow();
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            accounts.deliver(request.getHeader("webhook-id"), body.toString());
            request.response().end();
        });
    }
}
