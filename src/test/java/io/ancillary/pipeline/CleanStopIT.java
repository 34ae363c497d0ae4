package io.ancillary.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.ServiceBehaviour;
import io.ancillary.testsupport.ServiceStub;
import io.ancillary.testsupport.WebhookSink;

/** A replica that is told to stop finishes what it has begun, and leaves nothing for the lease to run out on. */
class CleanStopIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient http = HttpClient.newHttpClient();
    private final RedisProcess redis = RedisProcess.start();
    private final WebhookSink sink = WebhookSink.start();
    private final ServiceStub service = ServiceStub.start();

    @AfterEach
    void stop() {
        service.close();
        redis.close();
        sink.close();
    }

    @Test
    void finishesWhatItHasBegun() throws Exception {
        service.always("slow", ServiceBehaviour.after(Duration.ofSeconds(1), ServiceBehaviour.right()));
        try (JarProcess replica = replica(Map.of())) {
            send(replica, "begun", 1, "slow", true);
            service.await("slow", 1);

            int exitCode = replica.stop();

            assertThat(exitCode).isIn(0, 143);
            assertThat(sink.of("begun")).hasSize(1);
            assertThat(sink.of("begun").get(0).body()).contains("\"completed\"");
            assertThat(service.calls("slow")).hasSize(1);
            assertThat(replica.output()).doesNotContain("ERROR", "\tat ");
        }
        assertThat(redis.command("HMGET", "anc:{0}:meta", "journal:packets", "open:packets", "undelivered:packets"))
                .isEqualTo("0\n0\n0");
    }

    @Test
    void finishesADeliveryThatItHasBegun() throws Exception {
        sink.answer("delivered", WebhookSink.Answer.delayed(Duration.ofSeconds(1)));
        try (JarProcess replica = replica(Map.of())) {
            send(replica, "delivered", 1, "quick", true);
            sink.await("delivered", 1);

            replica.stop();
        }
        assertThat(redis.command("HGET", "anc:{0}:meta", "undelivered:packets")).isEqualTo("0");
        assertThat(sink.of("delivered")).hasSize(1);
    }

    @Test
    void handsTheRestOver_whenThatTakesTooLong() throws Exception {
        service.always("slow", ServiceBehaviour.after(Duration.ofMillis(600), ServiceBehaviour.right()));
        Map<String, String> oneAtATime = Map.of("ANCILLARY_PROCESSING_CONCURRENCY", "1",
                "ANCILLARY_PROCESSING_DRAIN_TIMEOUT", "1s", "ANCILLARY_PROCESSING_LEASE", "5m");
        try (JarProcess stopped = replica(oneAtATime);
                JarProcess other = replica(Map.of("ANCILLARY_PROCESSING_LEASE", "5m"))) {
            for (int i = 1; i <= 10; i++) {
                send(stopped, "rest" + i, 1, "slow", true);
            }
            service.await("slow", 1);

            stopped.stop();

            // Long before the lease would have run out.
            await().atMost(PATIENCE).until(
                    () -> IntStream.rangeClosed(1, 10).allMatch(i -> sink.of("rest" + i).size() == 1));
            assertThat(other.output()).contains("takes over");
        }
        assertThat(service.calls("slow").size()).isBetween(10, 11);
    }

    @Test
    void isNotReadyButAnswers_whileOthersLearnThatItStops() throws Exception {
        try (JarProcess replica = replica(Map.of("QUARKUS_SHUTDOWN_DELAY", "2s"))) {
            Thread stopping = new Thread(replica::stop);
            stopping.start();

            await().atMost(Duration.ofSeconds(2)).pollInterval(Duration.ofMillis(20)).until(() -> !replica.isReady());
            assertThat(send(replica, "late", 1, "quick", true)).isEqualTo(202);

            stopping.join();
        }
        assertThat(sink.of("late")).hasSize(1);
    }

    private JarProcess replica(Map<String, String> besides) {
        Map<String, String> environment = new HashMap<>(besides);
        environment.put("QUARKUS_REDIS_HOSTS", redis.url());
        environment.put("ANCILLARY_WEBHOOK_URL", sink.uri().toString());
        environment.put("ANCILLARY_PACKETS_SERVICE_URL", service.uri().toString());
        return JarProcess.start(environment).awaitReady();
    }

    private int send(JarProcess replica, String resource, int index, String payload, boolean last) throws Exception {
        return http.send(HttpRequest.newBuilder(replica.uri(Api.PACKETS)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Api.packet(resource, index, payload, last), UTF_8)).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}
