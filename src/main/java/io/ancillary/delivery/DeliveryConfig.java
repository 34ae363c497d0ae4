package io.ancillary.delivery;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How outcomes are delivered. */
@ConfigMapping(prefix = "ancillary.delivery")
public interface DeliveryConfig {

    /** One attempt, all of it: name, connect, TLS, headers, body. */
    @WithDefault("10s")
    Duration timeout();

    /** Deliveries under way, per replica and partition; beyond, they wait in the outbox. */
    @WithDefault("256")
    int concurrency();
}
