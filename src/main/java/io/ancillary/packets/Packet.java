package io.ancillary.packets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

import io.ancillary.collation.Arrival;

/** A packet that is well-formed. */
record Packet(ResourceId resource, int index, boolean last, String payload) {
    private static final int DIGEST_BYTES = 9;

    Arrival toArrival() {
        return new Arrival(resource.text(), index, last, digest(), payload);
    }

    /** Stands for the whole content. 72 bits in 12 characters: short enough to be kept for every index. */
    private String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((byte) (last ? 1 : 0));
            byte[] digest = sha.digest(payload.getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
