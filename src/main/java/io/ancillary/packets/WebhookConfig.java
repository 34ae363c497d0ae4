package io.ancillary.packets;

import java.net.URI;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Where collated packets go. */
@ConfigMapping(prefix = "ancillary.webhook")
public interface WebhookConfig {

    /** Trusted: it is the operator's, not a client's. */
    Optional<URI> url();
}
