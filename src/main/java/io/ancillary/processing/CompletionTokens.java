package io.ancillary.processing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.ancillary.collation.PartId;

/**
 * Makes and reads the tokens with which parts are completed: a part's id, a full stop, and 128 bits of its
 * HMAC-SHA256 under the partition's secret. One a part, for ever, and none can be made without the secret.
 */
public final class CompletionTokens {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES = 16;
    private static final String PURPOSE = "completion ";

    private final SecretKeySpec key;

    public CompletionTokens(String secret) {
        this.key = new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM);
    }

    String of(PartId part) {
        String text = part.text();
        return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(digest(text));
    }

    /** The part that a token claims to name; whether it may is {@link #admits}' to say. */
    public static Optional<PartId> claimed(String token) {
        int stop = token.lastIndexOf('.');
        return stop < 0 ? Optional.empty() : PartId.parse(token.substring(0, stop));
    }

    /** Whether it is a token of ours. Takes as long whichever character is wrong. */
    public boolean admits(String token, PartId part) {
        return MessageDigest.isEqual(of(part).getBytes(UTF_8), token.getBytes(UTF_8));
    }

    private byte[] digest(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return Arrays.copyOf(mac.doFinal((PURPOSE + text).getBytes(UTF_8)), BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
