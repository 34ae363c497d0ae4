package io.ancillary.drill;

import static io.ancillary.drill.Drills.done;
import static io.ancillary.drill.Drills.listen;
import static io.ancillary.drill.Drills.pass;
import static io.ancillary.drill.Drills.url;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerRequest;

/**
 * Clients hang up before they are answered, at any moment of it. What came of their packets nobody told them; but those
 * that are in are processed like any other, and the repetition that is acknowledged speaks the truth.
 */
class HangUpDrill {
    private static final int CLIENTS = Integer.getInteger("drill.clients", 2000);
    private static final int MOST_MICROS = 1500;

    private final Random random = new Random(Long.getLong("drill.seed", 1));
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final RedisProcess redis = RedisProcess.start();
    private final Set<String> delivered = ConcurrentHashMap.newKeySet();
    private final SoftAssertions softly = new SoftAssertions();

    @AfterEach
    void stop() {
        done(vertx.close());
        redis.close();
    }

    @Test
    void processesWhatIsIn_whenNobodyWaitsForTheAnswer() throws IOException {
        try (JarProcess replica = Drills.awaitStarted(
                Drills.replica(redis.url(), url(listen(vertx, this::receive)), Map.of(), "-Xmx128m"))) {
            IntStream.range(0, CLIENTS).forEach(i -> repeat(replica, "warm" + i));
            for (int i = 0; i < CLIENTS; i++) {
                hangUp(replica, "left" + i);
            }
            pass(Duration.ofSeconds(2));
            List<String> in = IntStream.range(0, CLIENTS).mapToObj(i -> "left" + i)
                    .filter(id -> redis.command("EXISTS", "anc:{0}:res:packets:" + id).equals("1")).toList();
            List<String> stuck = in.stream().filter(id -> !delivered.contains(id)).toList();
            long acknowledged = stuck.stream().filter(id -> repeat(replica, id) == 202).count();
            pass(Duration.ofSeconds(2));
            long lost = stuck.stream().filter(id -> !delivered.contains(id)).count();
            System.out.printf("%d clients hung up; packets in %d, not processed %d, of these acknowledged when repeated %d, "
                    + "and still not processed %d; journal %s%n", CLIENTS, in.size(), stuck.size(), acknowledged, lost, left());

            softly.assertThat(in).as("packets that got in all the same").isNotEmpty();
            softly.assertThat(stuck).as("in and not processed").isEmpty();
            softly.assertThat(lost).as("acknowledged and not processed").isZero();
            softly.assertThat(left()).as("parts left in the journal").isEqualTo("0");
        }
        softly.assertAll();
    }

    private void hangUp(JarProcess replica, String resource) throws IOException {
        String json = Api.packet(resource, 1, "Bat Ball", true);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), replica.port())) {
            socket.getOutputStream().write(("POST " + Api.PACKETS + " HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + json.length() + "\r\n\r\n" + json)
                    .getBytes(US_ASCII));
            LockSupport.parkNanos(random.nextInt(MOST_MICROS) * 1000L);
            // Closed by a reset, as by a client that is killed.
            socket.setSoLinger(true, 0);
        }
    }

    private int repeat(JarProcess replica, String resource) {
        return done(Drills.post(client, replica.port(), Api.PACKETS, Api.packet(resource, 1, "Bat Ball", true),
                Drills.PATIENT)).statusCode();
    }

    private String left() {
        return redis.command("HGET", "anc:{0}:meta", "journal:packets");
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            delivered.add(body.toJsonObject().getString("resource_id"));
            request.response().end();
        });
    }
}
