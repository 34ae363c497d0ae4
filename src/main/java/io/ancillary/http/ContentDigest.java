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

    /** To be copied: to look one up costs as much as to digest a short text. */
    private static final MessageDigest EMPTY = empty();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private ContentDigest() {
    }

    private static MessageDigest empty() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String of(String... texts) {
        try {
            MessageDigest sha = (MessageDigest) EMPTY.clone();
            for (String text : texts) {
                sha.update(text.getBytes(UTF_8));
                sha.update(SEPARATOR);
            }
            return BASE64.encodeToString(Arrays.copyOf(sha.digest(), BYTES));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
