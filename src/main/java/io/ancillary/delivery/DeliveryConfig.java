package io.ancillary.delivery;

import java.time.Duration;
import java.util.List;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How outcomes are delivered. */
@ConfigMapping(prefix = "ancillary.delivery")
public interface DeliveryConfig {

    /** One attempt, all of it: name, connect, TLS, headers, body. */
    @WithDefault("10s")
    Duration timeout();

    /** How long to wait before each attempt; jitter is added. After the last comes the dead letter. */
    @WithDefault("0s,200ms,1s,5s,30s,2m,10m,1h,6h,24h")
    List<Duration> retrySchedule();

    /** Bytes of what is sent; larger outcomes are dead letters. */
    @WithDefault("64M")
    MemorySize maxBody();

    /** Attempts under way, per replica. */
    @WithDefault("1024")
    int concurrency();

    /** Attempts under way at one endpoint, which is a scheme, a host and a port, per replica. */
    @WithDefault("128")
    int endpointConcurrency();

    /** Outcomes to be delivered, and dead letters, per partition and flow; beyond, new resources get 503. */
    @WithDefault("1000000")
    int capacity();
}
