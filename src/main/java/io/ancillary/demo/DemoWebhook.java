package io.ancillary.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.redis.datasource.ReactiveRedisDataSource;
import io.quarkus.redis.datasource.list.ReactiveListCommands;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/** A webhook receiver to play with. */
@Path("/demo/webhook")
@IfBuildProfile("dev")
public class DemoWebhook {
    private static final String KEY = "demo:webhook";
    private static final int KEPT = 1000;
    private static final int MOST_SECONDS = 60;
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final ReactiveListCommands<String, String> bodies;
    private final ObjectMapper json;

    DemoWebhook(ReactiveRedisDataSource redis, ObjectMapper json) {
        this.bodies = redis.list(String.class);
        this.json = json;
    }

    @POST
    @Consumes(MediaType.WILDCARD)
    public Uni<Void> receive(String body) {
        return bodies.rpush(KEY, body).chain(() -> bodies.ltrim(KEY, -KEPT, -1));
    }

    /**
     * What was received, one body a line.
     *
     * @param wait how many seconds to wait for the first, at most 60
     * @param resourceId only what is of this resource
     * @param driverToken only what is of this driver
     */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public Uni<String> show(@QueryParam("wait") int wait, @QueryParam("resource_id") @Nullable String resourceId,
            @QueryParam("driver_token") @Nullable String driverToken) {
        long looks = Math.max(1, Math.min(wait, MOST_SECONDS) * 1000L / LOOK_EVERY.toMillis());
        return Multi.createBy().repeating()
                .uni(() -> received(body -> is(body, "resource_id", resourceId) && is(body, "driver_token", driverToken)))
                .withDelay(LOOK_EVERY).whilst(List::isEmpty)
                .select().first(looks)
                .collect().last()
                .map(found -> found.isEmpty() ? "" : String.join("\n", found) + "\n");
    }

    private Uni<List<String>> received(Predicate<String> wanted) {
        return bodies.lrange(KEY, 0, -1).map(all -> all.stream().filter(wanted).toList());
    }

    private boolean is(String body, String field, @Nullable String wanted) {
        try {
            return wanted == null || json.readTree(body).path(field).asText().equals(wanted);
        } catch (IOException e) {
            return false;
        }
    }
}
