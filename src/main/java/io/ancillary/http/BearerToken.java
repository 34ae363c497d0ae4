package io.ancillary.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/** A configured token. Only its digest is kept, and comparing takes the same time whatever is presented. */
final class BearerToken {
    private static final String SCHEME = "bearer ";

    private final byte[] digest;

    BearerToken(String token) {
        if (token.isBlank()) {
            throw new IllegalArgumentException("a token is blank");
        }
        this.digest = digest(token);
    }

    static Optional<BearerToken> configured(Optional<String> token, Optional<Path> file) {
        return token.or(() -> file.map(BearerToken::read)).map(BearerToken::new);
    }

    /** The digest of what a client presents; empty when that is no bearer token. */
    static Optional<byte[]> presented(@Nullable String authorization) {
        return Optional.ofNullable(authorization).filter(value -> value.toLowerCase(Locale.ROOT).startsWith(SCHEME))
                .map(value -> digest(value.substring(SCHEME.length()).strip()));
    }

    boolean is(byte[] presented) {
        return MessageDigest.isEqual(digest, presented);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the token in " + file, e);
        }
    }

    private static byte[] digest(String token) {
        return digest(token.getBytes(UTF_8));
    }

    static byte[] digest(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
