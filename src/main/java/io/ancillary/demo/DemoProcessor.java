package io.ancillary.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.http.ProblemException;
import io.ancillary.processing.WordLengths;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.mutiny.Uni;

/**
 * A remote processor to play with. It gives what the built-in ones give: of a packet its words' lengths; a driver may
 * charge wherever he wants to.
 */
@Path("/demo/processor")
@IfBuildProfile("dev")
public class DemoProcessor {
    private static final Logger LOG = Logger.getLogger(DemoProcessor.class);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json;

    DemoProcessor(ObjectMapper json) {
        this.json = json;
    }

    /**
     * Processes a part.
     *
     * @param mode {@code sync} answers with the output, {@code async} with 202 and completes the part afterwards
     * @param delay how long it takes, such as {@code 3s}
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> process(@QueryParam("mode") @DefaultValue("sync") String mode,
            @QueryParam("delay") @DefaultValue("0s") String delay,
            @HeaderParam("Ancillary-Completion-Url") @Nullable URI completion, String body) {
        String output = output(body);
        Duration wait = duration(delay);
        if (!mode.equals("sync") && !mode.equals("async")) {
            throw ProblemException.invalid("mode must be sync or async");
        }
        if (mode.equals("async")) {
            if (completion == null) {
                throw ProblemException.invalid("who is to be answered later must send an Ancillary-Completion-Url");
            }
            after(wait).subscribe().with(now -> complete(completion, output));
            return Uni.createFrom().item(Response.accepted().build());
        }
        return after(wait).map(now -> Response.ok(output, MediaType.APPLICATION_JSON_TYPE).build());
    }

    private static Uni<Void> after(Duration wait) {
        return wait.isZero() ? Uni.createFrom().voidItem() : Uni.createFrom().voidItem().onItem().delayIt().by(wait);
    }

    private String output(String body) {
        try {
            JsonNode part = json.readTree(body);
            return part.has("payload") ? WordLengths.of(part.path("payload").asText()) : "{\"status\":\"allowed\"}";
        } catch (IOException e) {
            throw ProblemException.invalid("the body is not valid JSON");
        }
    }

    private static Duration duration(String text) {
        try {
            Duration delay = DurationConverter.parseDuration(text);
            if (delay.isNegative()) {
                throw new IllegalArgumentException("before now");
            }
            return delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid("delay must be like 500ms or 3s");
        }
    }

    private void complete(URI completion, String output) {
        HttpRequest request = HttpRequest.newBuilder(completion).header("Content-Type", MediaType.APPLICATION_JSON)
                .POST(BodyPublishers.ofString(output)).build();
        Uni.createFrom().completionStage(() -> http.sendAsync(request, BodyHandlers.discarding())).subscribe().with(
                answer -> LOG.infof("completing a part was answered %d", answer.statusCode()),
                failure -> LOG.warnf(failure, "a part could not be completed"));
    }
}
