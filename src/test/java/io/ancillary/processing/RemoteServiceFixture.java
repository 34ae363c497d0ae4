package io.ancillary.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import jakarta.inject.Inject;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.PartId;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.PartResult.Output;
import io.ancillary.processing.Processed.Done;
import io.ancillary.processing.RemoteService.ServiceRequests;
import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.ServiceStub;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;

/** A remote service as it is configured for one test, a stub for it to call, and turns at a part. */
abstract class RemoteServiceFixture {
    static final Clock CLOCK = Clock.fixed(Instant.parse("1994-11-06T08:49:36.500Z"), ZoneOffset.UTC);
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final Optional<URI> PUBLIC_URL = Optional.of(URI.create("https://ancillary.example/base/"));

    @Inject
    Vertx vertx;

    final Map<String, String> settings = new HashMap<>(Map.of("service.retry-delay", "20ms"));
    final ServiceStub stub = ServiceStub.start();
    final String subject = "part-" + Api.newId();
    Function<String, Optional<Output>> outputs = json -> Optional.of(new Output(json));
    Optional<URI> publicUrl = PUBLIC_URL;
    Optional<String> authorization = Optional.of("Bearer t0ken");
    Clock clock = CLOCK;
    int concurrency = 64;
    HttpClient client;

    @BeforeEach
    void open() {
        client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(3000),
                new PoolOptions().setHttp1MaxSize(100));
    }

    @AfterEach
    void close() {
        client.close();
        stub.close();
    }

    RemoteService service() {
        return service(stub.uri());
    }

    RemoteService service(URI uri) {
        return new RemoteService("remote", config(), outputs, new ServiceRequests(uri, authorization, publicUrl), client, clock,
                concurrency, Duration.ofHours(1));
    }

    ServiceConfig config() {
        return new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredConverters()
                .withMapping(ServiceConfig.class, "service")
                .withSources(new PropertiesConfigSource(settings, "the test's", 100)).build()
                .getConfigMapping(ServiceConfig.class, "service");
    }

    Processed turn(RemoteService service) {
        return turn(service, subject, turnAfter(0));
    }

    Processed turn(RemoteService service, String about, Turn turn) {
        return service.process(turn, json(about)).await().atMost(PATIENCE);
    }

    CompletableFuture<Processed> begin(RemoteService service, String about, Turn turn) {
        return service.process(turn, json(about)).subscribeAsCompletionStage();
    }

    Turn turnAfter(int attempts) {
        return new Turn(part(), "", attempts, 0, Duration.ofHours(1), tokens());
    }

    PartId part() {
        return new PartId(0, new PartName(new CollationId("packets", subject), "generation", 1));
    }

    static CompletionTokens tokens() {
        return new CompletionTokens("s3cret");
    }

    static String json(String subject) {
        return Api.json(Map.of("payload", subject));
    }

    static String failure(Processed processed) {
        assertThat(processed).isInstanceOfSatisfying(Done.class,
                done -> assertThat(done.result()).isInstanceOf(PartResult.Failure.class));
        return ((PartResult.Failure) ((Done) processed).result()).error();
    }
}
