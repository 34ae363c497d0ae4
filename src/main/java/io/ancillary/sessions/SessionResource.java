package io.ancillary.sessions;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.delivery.CallbackPolicy;
import io.ancillary.http.ContentDigest;
import io.ancillary.http.ExpressLane;
import io.ancillary.http.Problem;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ProducerOnly;
import io.ancillary.http.Receipt;
import io.ancillary.pipeline.Engine;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.Router;

/** Takes requests to start a charging session. */
@Path(SessionResource.PATH)
public class SessionResource {
    static final String PATH = "/charge_point/session";
    private static final String KEY = "Idempotency-Key";
    private static final String ACCEPTED = "{\"status\":\"accepted\",\"message\":\"Request is being processed"
            + " asynchronously. The result will be sent to the provided callback URL.\"}";
    private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[!-~]{1,255}");

    private static final String TOO_MANY = "not acknowledged: as much is being processed as is allowed."
            + " Repeating the request is safe with an Idempotency-Key";

    private final Engine engine;
    private final SessionsFlow flow;
    private final SessionReader reader;
    private final SessionIds ids;
    private final SessionJson json;

    SessionResource(Engine engine, SessionsFlow flow, CallbackPolicy callbacks, SessionIds ids, SessionJson json) {
        this.engine = engine;
        this.flow = flow;
        this.reader = new SessionReader(callbacks);
        this.ids = ids;
        this.json = json;
    }

    void open(@Observes Router router, ExpressLane lane) {
        lane.open(router, PATH, (request, body) -> take(request.headers().getAll(KEY), body));
    }

    /** 202 once the request is in Redis; where to ask how it stands is in {@code Location}. */
    @POST
    @ProducerOnly
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Uni<Response> start(@HeaderParam(KEY) List<String> keys, byte[] body) {
        return Uni.createFrom().completionStage(() -> take(keys, body)).map(Receipt::toResponse);
    }

    private CompletionStage<Receipt> take(List<String> keys, byte[] body) {
        SessionRequest request = reader.read(body);
        if (keys.size() > 1) {
            throw ProblemException.invalid("Idempotency-Key must be there once");
        }
        Optional<String> key = keys.stream().filter(it -> !it.isEmpty()).findFirst();
        if (key.filter(it -> !IDEMPOTENCY_KEY.matcher(it).matches()).isPresent()) {
            throw ProblemException.invalid("Idempotency-Key must be 1 to 255 visible characters");
        }
        Arrival arrival = arrival(request, key);
        return engine.accept(flow, arrival).thenApply(acceptance -> receipt(arrival, acceptance));
    }

    private Arrival arrival(SessionRequest request, Optional<String> idempotencyKey) {
        String content = json.write(request);
        return new Arrival(ids.next(idempotencyKey), 1, true, ContentDigest.of(content), content,
                Optional.of(request.callbackUrl()), idempotencyKey);
    }

    private Receipt receipt(Arrival arrival, Acceptance acceptance) {
        if (acceptance instanceof Acceptance.Refused refused) {
            return Receipt.refused(problem(refused.refusal()));
        }
        String id = acceptance instanceof Acceptance.Repeated repeated ? repeated.resource() : arrival.resource();
        return Receipt.accepted(ACCEPTED, "/charge_point/sessions/" + id);
    }

    private ProblemException problem(Refusal refusal) {
        return switch (refusal) {
            case BROKEN -> throw new StoreUnavailableException("what is kept of this request cannot be used");
            case HELD_UP -> ProblemException.unavailable("over_capacity", TOO_MANY, ProblemException.MUCH_LATER);
            case OVER_CAPACITY -> ProblemException.unavailable("over_capacity", TOO_MANY, engine.untilRoom(flow));
            case IDEMPOTENCY_CONFLICT -> new ProblemException(422, new Problem("idempotency_conflict",
                    "this Idempotency-Key was used with another request"));
            // A session's id is new, and it brings all it needs: nothing else can be in its way.
            default -> throw new IllegalStateException("a session was refused: " + refusal);
        };
    }
}
