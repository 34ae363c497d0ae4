package io.ancillary.sessions;

import static io.ancillary.testsupport.Api.SESSION;
import static io.ancillary.testsupport.Api.json;
import static io.ancillary.testsupport.Api.newId;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import jakarta.inject.Inject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.SinkResource;
import io.ancillary.testsupport.WebhookSink;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;

/**
 * When the authorization service does not answer in time. It is kept from answering by a station's entry in Redis
 * that is of another type than the list is made of.
 */
@QuarkusTest
@WithTestResource(value = SinkResource.class, initArgs = @ResourceArg(name = "ancillary.sessions.decision-timeout", value = "2s"))
class SessionDeadlineTest {
    WebhookSink sink;

    @Inject
    RedisDataSource redis;

    private final String station = UUID.randomUUID().toString();
    private final String driver = "driver-token." + newId() + "~_long-enough";

    @BeforeEach
    void keepTheServiceFromAnswering() {
        redis.value(String.class).set(key(), "not a set");
    }

    @AfterEach
    void letItAnswer() {
        redis.key().del(key());
    }

    @Test
    void isUnknown_whenThereIsNoAnswerInTime() {
        String location = start();

        String status = sink.await(driver, 1).get(0).json().path("status").asText();

        JsonPath session = given().get(location).jsonPath();
        assertThat(status).isEqualTo("unknown");
        assertThat(session.getString("status")).isEqualTo("unknown");
        assertThat(session.getString("decided_by")).isEqualTo("deadline");
        assertThat(Instant.parse(session.getString("decided_at")))
                .isAfterOrEqualTo(Instant.parse(session.getString("deadline")));
    }

    private String start() {
        return given().contentType("application/json")
                .body(json(Map.of("station_id", station, "driver_token", driver, "callback_url", sink.uri().toString())))
                .post(SESSION).header("Location");
    }

    private String key() {
        return "anc:{0}:acl:" + station;
    }
}
