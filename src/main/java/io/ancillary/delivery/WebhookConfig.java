package io.ancillary.delivery;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Where outcomes go that say nothing else, and what all webhooks are signed with. */
@ConfigMapping(prefix = "ancillary.webhook")
public interface WebhookConfig {

    /** Trusted: it is the operator's, not a client's. */
    Optional<URI> url();

    /** Keys as Standard Webhooks writes them, {@code whsec_…} and {@code whsk_…}; each signs. */
    Optional<List<String>> signingSecrets();

    /** A file with such keys, between commas or white space. */
    Optional<Path> signingSecretsFile();
}
