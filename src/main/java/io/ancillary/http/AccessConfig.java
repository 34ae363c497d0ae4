package io.ancillary.http;

import java.nio.file.Path;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Who may call what. Each token is given as such or in a file, not both. */
@ConfigMapping(prefix = "ancillary")
public interface AccessConfig {

    /** For listings, deletions and all else that operates the service. Without one they are closed in production. */
    Optional<String> operatorToken();

    Optional<Path> operatorTokenFile();

    /** For the intake. Without one it is open. */
    Optional<String> producerToken();

    Optional<Path> producerTokenFile();
}
