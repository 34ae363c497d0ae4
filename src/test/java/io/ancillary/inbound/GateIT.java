package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RawConnection;
import io.ancillary.testsupport.RawConnection.Answer;
import io.ancillary.testsupport.RedisProcess;

/** The packaged service while Redis takes nothing and as many packets wait as may: others are turned away unread. */
class GateIT {
    /** More than may wait, and what is under way besides. */
    private static final int MANY = 1200;
    private static final int GROUP = 64;
    private static final Duration SOON = Duration.ofMillis(700);

    private static RedisProcess redis;
    private static JarProcess service;

    private final List<RawConnection> waiting = new ArrayList<>();
    private RawConnection connection;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL", "http://127.0.0.1:1/",
                "QUARKUS_HTTP_IDLE_TIMEOUT", "0.4S", "ANCILLARY_WARM_UP", "true")).awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
        redis.close();
    }

    /**
     * Those that wait do so for two seconds; on a busy machine they may not all have come by then. They come in small groups:
     * a service that many at once have made late turns some away that are to wait, and is not late for long.
     */
    @BeforeEach
    void crowd() {
        await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100)).until(() -> {
            letGo();
            redis.pause();
            long paused = System.nanoTime();
            for (int i = 0; i < MANY; i++) {
                RawConnection one = RawConnection.open(service.port());
                one.write(request("1.1", "waits-" + i));
                waiting.add(one);
                if (i % GROUP == 0) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
            connection = RawConnection.open(service.port());
            connection.write(request("1.1", "probe"));
            boolean crowded = connection.read(SOON).filter(it -> it.body().contains("over_capacity")).isPresent();
            return crowded && System.nanoTime() - paused < SOON.toNanos();
        });
    }

    @AfterEach
    void letGo() {
        redis.resume();
        waiting.forEach(RawConnection::close);
        waiting.clear();
        if (connection != null) {
            connection.close();
        }
    }

    private static String request(String version, String resource) {
        String body = "{\"resource_id\":\"" + resource + "\",\"payload\":\"Bat Ball\",\"packet_index\":1}";
        return "POST " + Api.PACKETS + " HTTP/" + version + "\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + (version.equals("1.0") ? "Connection: keep-alive\r\n" : "") + "Content-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static void assertTurnedAway(Optional<Answer> answer) {
        assertThat(answer).hasValueSatisfying(it -> {
            assertThat(it.status()).isEqualTo(503);
            assertThat(it.body()).contains("\"code\":\"over_capacity\"").contains("\"status\":\"failed\"");
            assertThat(it.header("content-type")).isEqualTo("application/json");
            assertThat(Integer.parseInt(it.header("retry-after"))).isPositive();
            assertThat(it.header("connection")).isEmpty();
        });
    }

    @Test
    void turnsAwayOneAfterAnother_onOneConnection() {
        connection.write(request("1.1", "a") + request("1.1", "b"));
        assertTurnedAway(connection.read(SOON));
        assertTurnedAway(connection.read(SOON));

        String request = request("1.1", "c");
        connection.write(request.substring(0, request.length() - 10));
        assertTurnedAway(connection.read(SOON));
        connection.write(request.substring(request.length() - 10) + request("1.1", "d"));

        assertTurnedAway(connection.read(SOON));
    }

    @Test
    void leavesOtherRequestsAlone() {
        connection.write("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n" + request("1.1", "a"));

        assertThat(connection.read(SOON)).hasValueSatisfying(it -> assertThat(it.status()).isEqualTo(404));
        assertTurnedAway(connection.read(SOON));
    }

    @Test
    void saysToAnOlderClient_whetherTheConnectionStays() {
        connection.write(request("1.0", "a"));
        redis.resume();

        assertThat(connection.read(Duration.ofSeconds(5))).hasValueSatisfying(it -> {
            assertThat(it.status()).isIn(202, 503);
            assertThat(it.header("connection")).isEqualToIgnoringCase("keep-alive");
        });
    }

    @Test
    void closesNoConnectionAsIdle_onWhichItTurnsRequestsAway() throws InterruptedException {
        for (int i = 0; i < 6; i++) {
            connection.write(request("1.1", "a" + i));
            assertTurnedAway(connection.read(SOON));
            Thread.sleep(100);
        }
    }
}
