package io.ancillary.operate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.WebhookSink;

/** The packaged service while Redis comes and goes: it says so, and carries on by itself. */
class RedisAwayIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newHttpClient();
    private final int redisPort = RedisProcess.freePort();
    private final WebhookSink sink = WebhookSink.start();
    private JarProcess service;
    private RedisProcess redis;

    @BeforeEach
    void start() {
        service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", "redis://127.0.0.1:" + redisPort,
                "ANCILLARY_WEBHOOK_URL", sink.uri().toString(),
                "ANCILLARY_PORT", "tcp://10.0.0.1:8080", "ANCILLARY_SERVICE_HOST", "10.0.0.1",
                "ANCILLARY_SERVICE_PORT_HTTP", "8080", "ANCILLARY_PORT_8080_TCP_ADDR", "10.0.0.1"));
    }

    @AfterEach
    void stop() {
        service.close();
        if (redis != null) {
            redis.close();
        }
        sink.close();
    }

    @Test
    void acknowledgesNothingWhileRedisIsAway_andEverythingOnceItIsThere() throws Exception {
        awaitLive();
        assertThat(get("/q/health/ready").statusCode()).isEqualTo(503);
        assertUnavailable(send("early", 1, true));

        redis = RedisProcess.startOn(redisPort);
        service.awaitReady();
        assertThat(send("late", 1, true).statusCode()).isEqualTo(202);
        assertThat(sink.awaitBody("late")).contains("\"completed\"");
    }

    @Test
    void carriesOnWithWhatItAccepted_whenRedisIsKilledAndComesBack() throws Exception {
        redis = RedisProcess.startOn(redisPort, "--appendonly", "yes", "--appendfsync", "always");
        service.awaitReady();
        assertThat(send("interrupted", 1, false).statusCode()).isEqualTo(202);
        redis.kill();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(get("/q/health/ready").statusCode()).isEqualTo(503));
        assertThat(get("/q/health/live").statusCode()).isEqualTo(200);
        assertUnavailable(send("interrupted", 2, true));

        redis.restart();
        service.awaitReady();

        assertThat(send("interrupted", 2, true).statusCode()).isEqualTo(202);
        assertThat(sink.awaitBody("interrupted")).contains("\"packet_count\":2,\"output\":[3,4,3,4]");
        assertThat(service.output()).doesNotContain("Exception", "\tat ");
    }

    @Test
    void endsAtOnceWithoutNoise_whenItIsToldTo() {
        redis = RedisProcess.startOn(redisPort);
        service.awaitReady();
        long start = System.nanoTime();

        int exitCode = service.stop();

        assertThat(exitCode).isIn(0, 143);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(service.output()).doesNotContain("ERROR", "\tat ");
    }

    private void awaitLive() {
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(get("/q/health/live").statusCode()).isEqualTo(200));
    }

    private static void assertUnavailable(HttpResponse<String> answer) {
        Api.assertProblem(answer.statusCode(), answer.body(), 503, "store_unavailable");
        assertThat(answer.headers().firstValue("Retry-After").map(Integer::valueOf)).hasValueSatisfying(
                seconds -> assertThat(seconds).isBetween(1, 60));
    }

    private HttpResponse<String> send(String resource, int index, boolean last) throws Exception {
        return http.send(HttpRequest.newBuilder(service.uri(Api.PACKETS)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Api.packet(resource, index, "Bat Ball", last), UTF_8)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String managementPath) throws Exception {
        URI uri = service.management(managementPath);
        return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }
}
