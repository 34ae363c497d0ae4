package io.ancillary.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/** A producer token in a file, with a newline at its end as editors leave it. */
public class TokenFileResource implements QuarkusTestResourceLifecycleManager {

    public static final String TOKEN = "the-producers-token";

    private Path file;

    @Override
    public Map<String, String> start() {
        try {
            file = Files.writeString(Files.createTempFile("producer", ".token"), TOKEN + "\n");
            return Map.of("ancillary.producer-token-file", file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
