package io.ancillary.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Signs by Standard Webhooks 1.0.0: one signature for each key, so that a key is changed by having two for a while. What
 * is signed is {@code id.timestamp.body}, the body byte by byte as it is sent.
 */
public final class Signatures {
    private final List<SigningKey> keys;

    Signatures(List<SigningKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** Reads the keys that are configured; fails with {@link IllegalArgumentException}, which does not repeat them. */
    public static Signatures of(WebhookConfig config) {
        List<String> secrets = new ArrayList<>(config.signingSecrets().orElse(List.of()));
        config.signingSecretsFile().ifPresent(file -> secrets.addAll(read(file)));
        return new Signatures(secrets.stream().map(String::strip).map(SigningKey::parse).toList());
    }

    private static List<String> read(Path file) {
        try {
            return List.of(Files.readString(file).strip().split("[\\s,]+"));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** Whether signing takes long enough not to be done on an event loop. */
    boolean takeLong(Body body) {
        return keys.stream().anyMatch(key -> key.takesLong(body));
    }

    /** The header's value; empty when there is no key. */
    Optional<String> of(String id, long unixSeconds, Body body) {
        if (keys.isEmpty()) {
            return Optional.empty();
        }
        byte[] head = (id + "." + unixSeconds + ".").getBytes(US_ASCII);
        return Optional.of(keys.stream().map(key -> sign(key, head, body)).collect(joining(" ")));
    }

    private static String sign(SigningKey key, byte[] head, Body body) {
        try {
            return key.sign(head, body);
        } catch (GeneralSecurityException e) {
            // The keys were tried when they were read.
            throw new IllegalStateException(e);
        }
    }
}
