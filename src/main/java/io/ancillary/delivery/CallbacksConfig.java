package io.ancillary.delivery;

import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Exceptions for URLs that clients supply. */
@ConfigMapping(prefix = "ancillary.callbacks")
public interface CallbacksConfig {

    /** Names that may be called back whatever they resolve to. */
    Optional<List<String>> allowedHosts();

    /** Networks that may be called back though they are not public, such as {@code 10.1.0.0/16}. */
    Optional<List<String>> allowedNetworks();
}
