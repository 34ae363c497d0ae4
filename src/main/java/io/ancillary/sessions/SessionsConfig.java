package io.ancillary.sessions;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.ancillary.processing.ServiceConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How charging sessions are decided. */
@ConfigMapping(prefix = "ancillary.sessions")
public interface SessionsConfig {

    /** Without a decision by then it is {@code unknown}. */
    @WithDefault("60s")
    Duration decisionTimeout();

    /** The authorization service, where it is a remote one. */
    ServiceConfig service();

    /** Entries for the access control list: <code>{"station uuid": ["driver token"] or "*"}</code>. */
    Optional<Path> aclFile();
}
