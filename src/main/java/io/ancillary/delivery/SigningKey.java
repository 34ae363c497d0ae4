package io.ancillary.delivery;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.vertx.core.buffer.Buffer;

/** One key of Standard Webhooks. It never says what it is. */
sealed interface SigningKey {

    /** Version and signature, such as {@code v1,g0hM…}. */
    String sign(byte[] head, Body body) throws GeneralSecurityException;

    /** Whether it is done with this body only after a millisecond or more. */
    boolean takesLong(Body body);

    /** Reads {@code whsec_} or {@code whsk_} and base64; fails with {@link IllegalArgumentException}. */
    static SigningKey parse(String text) {
        try {
            if (text.startsWith(Shared.PREFIX)) {
                return Shared.of(decoded(text, Shared.PREFIX));
            }
            if (text.startsWith(Private.PREFIX)) {
                return Private.of(decoded(text, Private.PREFIX));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Said below, without the key that may be in the message.
        }
        throw new IllegalArgumentException("a key is whsec_ and the base64 of 24 to 64 bytes, or whsk_ and the base64 of an"
                + " ed25519 private key of 32 bytes, alone or with its public key behind it");
    }

    private static byte[] decoded(String text, String prefix) {
        return Base64.getDecoder().decode(text.substring(prefix.length()));
    }

    /** HMAC-SHA256, with a secret that the receiver has too. */
    record Shared(SecretKeySpec secret) implements SigningKey {
        private static final String PREFIX = "whsec_";
        private static final String ALGORITHM = "HmacSHA256";
        private static final int LONG = 128 * 1024;

        static Shared of(byte[] bytes) {
            if (bytes.length < 24 || bytes.length > 64) {
                throw new IllegalArgumentException();
            }
            return new Shared(new SecretKeySpec(bytes, ALGORITHM));
        }

        @Override
        public String sign(byte[] head, Body body) throws GeneralSecurityException {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            mac.update(head);
            body.pieces().forEach(piece -> mac.update(piece.getBytes()));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal());
        }

        @Override
        public boolean takesLong(Body body) {
            return body.length() > LONG;
        }

        @Override
        public String toString() {
            return PREFIX;
        }
    }

    /** Ed25519, of which the receiver has the public half. */
    record Private(PrivateKey key) implements SigningKey {
        private static final String PREFIX = "whsk_";
        private static final String ALGORITHM = "Ed25519";
        private static final int SEED = 32;

        static Private of(byte[] bytes) throws GeneralSecurityException {
            if (bytes.length != SEED && bytes.length != 2 * SEED) {
                throw new IllegalArgumentException();
            }
            return new Private(KeyFactory.getInstance(ALGORITHM).generatePrivate(
                    new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOf(bytes, SEED))));
        }

        @Override
        public String sign(byte[] head, Body body) throws GeneralSecurityException {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(head);
            for (Buffer piece : body.pieces()) {
                signature.update(piece.getBytes());
            }
            return "v1a," + Base64.getEncoder().encodeToString(signature.sign());
        }

        /** Half a millisecond for the smallest, and it hashes all twice. */
        @Override
        public boolean takesLong(Body body) {
            return true;
        }

        @Override
        public String toString() {
            return PREFIX;
        }
    }
}
