package io.ancillary.processing;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.smallrye.config.WithDefault;

/** A remote processor, and how patient we are with it. */
public interface ServiceConfig {

    /** Where it is. Without one, the built-in processor does the work. */
    Optional<URI> url();

    /** The value of the header {@code Authorization}, as such or in a file. */
    Optional<String> authorization();

    Optional<Path> authorizationFile();

    /** One call, all of it: name, connect, TLS, headers, body. */
    @WithDefault("10s")
    Duration timeout();

    /** How often a part is given to it. Calls that never reached it do not count. */
    @WithDefault("20")
    int attempts();

    /** The wait after the first attempt that failed; it doubles with each, up to {@link #retryMaxDelay}. */
    @WithDefault("200ms")
    Duration retryDelay();

    @WithDefault("1m")
    Duration retryMaxDelay();

    /** When this share of the last {@link #breakerVolume} calls failed, it is left alone for {@link #breakerDelay}. */
    @WithDefault("0.8")
    double breakerRatio();

    @WithDefault("20")
    int breakerVolume();

    @WithDefault("5s")
    Duration breakerDelay();
}
