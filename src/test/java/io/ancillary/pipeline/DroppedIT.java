package io.ancillary.pipeline;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;

/** What is dropped while its delivery waits for its turn is not delivered. */
class DroppedIT {
    private static final String TOKEN = "operator-of-this-test";

    private final Vertx vertx = Vertx.vertx();
    private final List<String> received = new CopyOnWriteArrayList<>();

    @Test
    void isNotDelivered_whenItIsDroppedBeforeItsTurn() {
        HttpServer receiver = vertx.createHttpServer().requestHandler(request -> request.body().onSuccess(body -> {
            received.add(body.toJsonObject().getString("resource_id"));
            vertx.setTimer(1000, later -> request.response().end());
        })).listen(0).toCompletionStage().toCompletableFuture().join();
        try (RedisProcess redis = RedisProcess.start();
                JarProcess service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(),
                        "ANCILLARY_WEBHOOK_URL", "http://localhost:" + receiver.actualPort() + "/",
                        "ANCILLARY_OPERATOR_TOKEN", TOKEN, "ANCILLARY_DELIVERY_ENDPOINT_CONCURRENCY", "1")).awaitReady()) {
            List.of("a", "b", "c").forEach(id -> given().port(service.port()).contentType("application/json")
                    .body("{\"resource_id\":\"" + id + "\",\"payload\":\"x\",\"packet_index\":1,\"last_chunk_flag\":true}")
                    .post(Api.PACKETS).then().statusCode(202));
            await().atMost(Duration.ofSeconds(5)).until(() -> received.contains("a"));

            given().port(service.port()).header("Authorization", "Bearer " + TOKEN).delete("/api/v1/ancillary/resources/b")
                    .then().statusCode(204);

            await().atMost(Duration.ofSeconds(5)).until(() -> received.contains("c"));
            assertThat(received).containsExactly("a", "c");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
