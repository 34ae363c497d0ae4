package io.ancillary.inbound;

import java.time.Duration;
import java.util.Optional;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How patient the service is with clients. */
@ConfigMapping(prefix = "ancillary.http")
public interface InboundConfig {

    /** From a connection, or a request's first byte, to the last of its headers. */
    @WithDefault("10s")
    Duration headersTimeout();

    /** From there to the end of its body; of one that is streamed, between two pieces of it. */
    @WithDefault("30s")
    Duration bodyTimeout();

    /** Bytes of bodies that have not all come, of all connections together; an eighth of the heap when it is not said. */
    Optional<MemorySize> unfinishedBodies();
}
