package io.ancillary.processing;

import java.net.URI;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** How remote processors reach us. */
@ConfigMapping(prefix = "ancillary")
public interface CompletionConfig {

    /** What stands before {@code /api/v1/ancillary/outputs/…} for a processor. Without one none may answer later. */
    Optional<URI> publicUrl();
}
