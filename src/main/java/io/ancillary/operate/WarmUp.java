package io.ancillary.operate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;

import org.jboss.logging.Logger;

import io.ancillary.pipeline.Engine;
import io.ancillary.pipeline.EngineConfig;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerStart;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/**
 * Before anybody is sent here, the JVM loads and compiles what answers requests: packets that are refused, and calls to
 * Redis that change nothing. A replica that is ready at once has its first clients wait for a second, while it does that.
 */
@ApplicationScoped
class WarmUp {
    private static final Logger LOG = Logger.getLogger(WarmUp.class);
    private static final String INTAKE = "/api/v1/ancillary/packet/send-data/";
    private static final String REFUSED = "{\"resource_id\":\"warm-up\",\"payload\":\" \",\"packet_index\":1,"
            + "\"last_chunk_flag\":true}";
    private static final int REQUESTS = 2000;
    private static final int AT_ONCE = 8;
    private static final int REHEARSALS = 500;
    private static final Duration MOST = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final Engine engine;
    private final boolean wanted;
    private volatile boolean done;

    WarmUp(Vertx vertx, Engine engine, EngineConfig config) {
        this.vertx = vertx;
        this.engine = engine;
        this.wanted = config.warmUp();
        this.done = !wanted;
    }

    /** Whether it is over, one way or another. */
    boolean isDone() {
        return done;
    }

    /** Whatever becomes of it: one who listens for TLS only has nobody to warm up with. */
    void limit(@Observes StartupEvent started) {
        vertx.setTimer(MOST.toMillis(), timer -> done = true);
    }

    void begin(@ObservesAsync HttpServerStart opened) {
        int port = opened.options().getPort();
        if (!wanted || port == 0) {
            // Of a port that the system chose nobody tells which it is.
            done = true;
            return;
        }
        long began = System.nanoTime();
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(AT_ONCE));
        CompletableFuture<?>[] chains = new CompletableFuture<?>[AT_ONCE + 1];
        AtomicInteger left = new AtomicInteger(REQUESTS);
        for (int i = 0; i < AT_ONCE; i++) {
            chains[i] = new CompletableFuture<Void>();
            request(client, port, left, chains[i]);
        }
        chains[AT_ONCE] = engine.rehearse(REHEARSALS).subscribeAsCompletionStage();
        Uni.createFrom().completionStage(CompletableFuture.allOf(chains)).ifNoItem().after(MOST).recoverWithItem((Void) null)
                .onFailure().invoke(failure -> LOG.debug("not warmed up as far as it could be", failure))
                .onTermination().invoke(() -> {
                    done = true;
                    client.close();
                    LOG.infof("warmed up in %d ms", Duration.ofNanos(System.nanoTime() - began).toMillis());
                })
                .onFailure().recoverWithNull().subscribe().with(over -> LOG.debug("ready"));
    }

    /** One after another; what goes wrong is no reason not to serve. */
    private void request(HttpClient client, int port, AtomicInteger left, CompletableFuture<?> end) {
        if (done || left.getAndDecrement() <= 0) {
            end.complete(null);
            return;
        }
        client.request(new RequestOptions().setMethod(HttpMethod.POST).setHost("127.0.0.1").setPort(port).setURI(INTAKE)
                .putHeader("Content-Type", "application/json"))
                .compose(request -> request.send(REFUSED))
                .compose(response -> response.end())
                .onComplete(answer -> {
                    if (answer.failed()) {
                        left.set(0);
                    }
                    request(client, port, left, end);
                });
    }
}
