package io.ancillary.drill;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.vertx.core.json.JsonObject;

/** Looks at deliveries as operators do, at a replica that is there. */
final class Operator {
    private static final String DELIVERIES = "/api/v1/deliveries";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Supplier<JarProcess> replicas;

    Operator(Supplier<JarProcess> replicas) {
        this.replicas = replicas;
    }

    /** One delivery, as far as it has come. */
    record Row(String id, String resource, String status, int attempts, Instant nextAttemptAt, List<Attempt> log) {

        private static Row of(JsonObject json) {
            List<Attempt> log = json.getJsonArray("log", new io.vertx.core.json.JsonArray()).stream()
                    .map(it -> Attempt.of((JsonObject) it)).sorted((a, b) -> a.number() - b.number()).toList();
            return new Row(json.getString("id"), json.getString("resource_id"), json.getString("status"),
                    json.getInteger("attempts"), json.getInstant("next_attempt_at"), log);
        }
    }

    /**
     * A line of its log.
     *
     * @param status 0 without an answer
     */
    record Attempt(int number, Instant at, String address, int status, String error) {

        private static Attempt of(JsonObject json) {
            return new Attempt(json.getInteger("number"), json.getInstant("at"), json.getString("address", ""),
                    json.getInteger("status", 0), json.getString("error", ""));
        }
    }

    /** All of a status, without their logs. */
    List<Row> list(String status) {
        List<Row> rows = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonObject page = get(DELIVERIES + "?limit=1000&status=" + status + "&cursor=" + cursor);
            page.getJsonArray("deliveries").forEach(it -> rows.add(Row.of((JsonObject) it)));
            cursor = page.getString("next_cursor");
        }
        return rows;
    }

    Row row(String id) {
        return Row.of(get(DELIVERIES + "/" + id));
    }

    private JsonObject get(String path) {
        HttpRequest request = HttpRequest.newBuilder(replicas.get().uri(path)).timeout(PATIENCE)
                .header("Authorization", "Bearer " + Api.OPERATOR_TOKEN).build();
        return new JsonObject(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join().body());
    }
}
