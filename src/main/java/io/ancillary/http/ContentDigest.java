package io.ancillary.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Stands for a content: 72 bits of its SHA-256, in 12 characters, short enough to be kept for every index.
 */
public final class ContentDigest {
    private static final int BYTES = 9;
    /** In no UTF-8: it parts one text from the next. */
    private static final byte SEPARATOR = (byte) 0xff;

    private ContentDigest() {
    }

    public static String of(String... texts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                sha.update(text.getBytes(UTF_8));
                sha.update(SEPARATOR);
            }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(sha.digest(), BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
