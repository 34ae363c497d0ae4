package io.ancillary.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;

import io.vertx.core.buffer.Buffer;

class SignaturesTest {
    private static final String ONE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private static final String TEXT = "{\"output\":[3,4],\"name\":\"é 😀\"}";

    private static Signatures keys(String... secrets) {
        return Signatures.of(new WebhookConfig() {
            @Override
            public Optional<URI> url() {
                return Optional.empty();
            }

            @Override
            public Optional<List<String>> signingSecrets() {
                return Optional.of(List.of(secrets));
            }

            @Override
            public Optional<Path> signingSecretsFile() {
                return Optional.empty();
            }
        });
    }

    /** In pieces, as it is sent, which are cut where they may be. */
    private static Body body(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        int cut = bytes.length / 2;
        return new Body(List.of(Buffer.buffer().appendBytes(bytes, 0, cut),
                Buffer.buffer().appendBytes(bytes, cut, bytes.length - cut)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | {\"test\": 2432232314}"
                    + "| v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD | msg_27UH4WbU6Z5A5EzD8u03UvzRbpk | 1649367553"
                    + "| {\"email\":\"test@example.com\",\"username\":\"test_user\"} | v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=" })
    void signsAsThePublishedVectorsSay(String secret, String id, long timestamp, String text, String signature) {
        assertThat(keys(secret).of(id, timestamp, body(text))).contains(signature);
    }

    @Test
    void isVerifiedByAnotherImplementation_withEachOfItsKeys() throws WebhookVerificationException {
        long now = Instant.now().getEpochSecond();
        String signature = keys(ONE, OTHER).of("0-abc", now, body(TEXT)).orElseThrow();

        assertThat(signature.split(" ")).hasSize(2);
        for (String secret : List.of(ONE, OTHER)) {
            new Webhook(secret).verify(TEXT, headers("0-abc", now, signature));
        }
    }

    @Test
    void isNotVerifiedByAnotherImplementation_whenAByteDiffers() {
        long now = Instant.now().getEpochSecond();
        String signature = keys(ONE).of("0-abc", now, body(TEXT)).orElseThrow();

        assertThatThrownBy(() -> new Webhook(ONE).verify(TEXT + " ", headers("0-abc", now, signature)))
                .isInstanceOf(WebhookVerificationException.class);
    }

    private static HttpHeaders headers(String id, long timestamp, String signature) {
        return HttpHeaders.of(Map.of("webhook-id", List.of(id), "webhook-timestamp", List.of(String.valueOf(timestamp)),
                "webhook-signature", List.of(signature)), (name, value) -> true);
    }

    @Test
    void isVerifiedByThePublicKey_whenThePrivateOneSigned() throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
        byte[] withPublic = Stream.of(seed, new byte[32]).collect(Buffer::buffer, Buffer::appendBytes, Buffer::appendBuffer)
                .getBytes();

        for (byte[] key : List.of(seed, withPublic)) {
            String signature = keys("whsk_" + Base64.getEncoder().encodeToString(key)).of("0-abc", 17, body(TEXT))
                    .orElseThrow();
            assertThat(signature).startsWith("v1a,");
            assertThat(verifies(pair.getPublic(), "0-abc.17." + TEXT, signature.substring(4))).isTrue();
            assertThat(verifies(pair.getPublic(), "0-abc.18." + TEXT, signature.substring(4))).isFalse();
        }
    }

    private static boolean verifies(PublicKey key, String signed, String signature) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(signed.getBytes(UTF_8));
        return verifier.verify(Base64.getDecoder().decode(signature));
    }

    @Test
    void signsWithAllKeys_inTheirOrder_whenTheyAreOfBothKinds() {
        String signature = keys(ONE, "whsk_" + "A".repeat(43) + "=", OTHER).of("0-abc", 17, body(TEXT)).orElseThrow();

        assertThat(signature.split(" ")).extracting(it -> it.substring(0, it.indexOf(','))).containsExactly("v1", "v1a", "v1");
    }

    @Test
    void signsNothing_whenThereIsNoKey() {
        assertThat(keys().of("0-abc", 17, body(TEXT))).isEmpty();
    }

    @Test
    void leavesTheEventLoop_whenItTakesLong() {
        Body large = new Body(List.of(Buffer.buffer(new byte[1024 * 1024])));

        assertThat(keys(ONE).takeLong(body(TEXT))).isFalse();
        assertThat(keys(ONE).takeLong(large)).isTrue();
        assertThat(keys(ONE, "whsk_" + "A".repeat(43) + "=").takeLong(body(TEXT))).isTrue();
    }

    @Test
    void neverSaysItsKeys() {
        assertThat(SigningKey.parse(ONE)).hasToString("whsec_");
        assertThat(SigningKey.parse("whsk_" + "A".repeat(43) + "=")).hasToString("whsk_");
    }
}
