package io.ancillary.delivery;

import java.util.List;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Exceptions for URLs that clients supply. */
@ConfigMapping(prefix = "ancillary.callbacks")
public interface CallbacksConfig {

    /** Names that may be called back whatever they resolve to, with or without a port: {@code hooks.internal:8443}. */
    Optional<List<String>> allowedHosts();

    /** Networks that may be called back though they are not public: {@code 10.1.0.0/16}, {@code 10.1.0.0/16:8443}. */
    Optional<List<String>> allowedNetworks();

    /** Networks that may not be called back though they are public, such as the operator's own. */
    Optional<List<String>> deniedNetworks();

    /** The only ports that may be called back, apart from exceptions that name their own. All when there are none. */
    Optional<List<Integer>> allowedPorts();
}
