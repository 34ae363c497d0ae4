package io.ancillary.processing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import io.ancillary.collation.PartResult.Output;
import io.ancillary.processing.RemoteService.ServiceRequests;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;

/** Makes the remote processors that are configured, each with connections of its own. */
@ApplicationScoped
public class RemoteServices {
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(3);

    private final Vertx vertx;
    private final TlsConfigurationRegistry tls;
    private final CompletionConfig completion;
    private final Clock clock;

    RemoteServices(Vertx vertx, TlsConfigurationRegistry tls, CompletionConfig completion, Clock clock) {
        this.vertx = vertx;
        this.tls = tls;
        this.completion = completion;
        this.clock = clock;
    }

    /**
     * The service of a flow; empty when none is configured.
     *
     * @param name for logs and metrics
     * @param outputs what of an answer is an output; empty when it is none
     * @param concurrency calls under way at once
     * @param deadline how long a part may take in all
     */
    public Optional<RemoteService> of(String name, ServiceConfig config, Function<String, Optional<Output>> outputs,
            int concurrency, Duration deadline) {
        return config.url().map(url -> new RemoteService(name, config, outputs,
                new ServiceRequests(url, authorization(config), completion.publicUrl()),
                vertx.createHttpClient(options(config), new PoolOptions().setHttp1MaxSize(concurrency)),
                clock, concurrency, deadline));
    }

    private HttpClientOptions options(ServiceConfig config) {
        Duration connect = config.timeout().compareTo(LONGEST_CONNECT) < 0 ? config.timeout() : LONGEST_CONNECT;
        HttpClientOptions options = new HttpClientOptions().setConnectTimeout((int) connect.toMillis());
        tls.getDefault().ifPresent(configured -> TlsConfigUtils.configure(options, configured));
        return options;
    }

    private static Optional<String> authorization(ServiceConfig config) {
        return config.authorization().or(() -> config.authorizationFile().map(RemoteServices::read));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the authorization in " + file, e);
        }
    }
}
