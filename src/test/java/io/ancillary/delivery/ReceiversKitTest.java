package io.ancillary.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookSigningException;

import io.ancillary.testsupport.ExampleLanguage;
import io.ancillary.testsupport.ReadmeExample;
import io.ancillary.testsupport.ReceiverProcess;

/** The receivers in the README, run as they stand there. What they get is signed by a library that is not ours. */
@Timeout(60)
class ReceiversKitTest {
    private static final String SECRET = secret("one that the receiver knows");
    private static final Webhook KNOWN = new Webhook(SECRET);
    private static final Webhook UNKNOWN = new Webhook(secret("one that it does not know"));
    /** Not all of it ASCII, so that whoever signs or verifies characters instead of bytes is found out. */
    private static final String BODY = "{\"resource_id\":101,\"status\":\"completed\",\"packet_count\":1,\"output\":[\"Fußball ⚽\"]}";

    private static final Map<ExampleLanguage, ReceiverProcess> STARTED = new EnumMap<>(ExampleLanguage.class);

    @TempDir
    static Path directory;

    private final String id = "msg_" + UUID.randomUUID();

    @AfterAll
    static void stop() {
        STARTED.values().forEach(ReceiverProcess::stop);
    }

    @Test
    void signsAsPublished_soThatItMaySpeakForTheStandard() throws WebhookSigningException {
        assertThat(new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assertThat(new Webhook("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
                .sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553,
                        "{\"email\":\"test@example.com\",\"username\":\"test_user\"}"))
                .isEqualTo("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    @Test
    void runsEveryExample_soThatNoneIsShownUntried() throws IOException {
        assertThat(ReadmeExample.all()).extracting(ReadmeExample::language).containsExactly("java", "js", "python", "java",
                "js");
    }

    @ParameterizedTest
    @EnumSource
    void handlesAnOutcome_whenItIsSigned(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        assertThat(receiver.post(attempt(Instant.now(), KNOWN), BODY)).isEqualTo(204);
        assertThat(receiver.handled(id)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void handlesAnOutcomeOnce_whenItIsAttemptedAgain(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        receiver.post(attempt(Instant.now().minusSeconds(60), KNOWN), BODY);
        assertThat(receiver.post(attempt(Instant.now(), KNOWN), BODY)).isEqualTo(204);
        assertThat(receiver.handled(id)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void handlesAnOutcome_whenTheSecondOfTwoSignaturesMatches(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        assertThat(receiver.post(attempt(Instant.now(), UNKNOWN, KNOWN), BODY)).isEqualTo(204);
        assertThat(receiver.handled(id)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void handlesAnOutcome_whenASignatureOfAnotherKindComesFirst(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        Map<String, String> headers = attempt(Instant.now(), KNOWN);
        headers.compute("webhook-signature", (name, v1) -> "v1a," + "A".repeat(86) + "== " + v1);
        assertThat(receiver.post(headers, BODY)).isEqualTo(204);
        assertThat(receiver.handled(id)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void refusesAnOutcome_whenAByteOfItIsAnother(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        assertThat(receiver.post(attempt(Instant.now(), KNOWN), BODY.replace("101", "102"))).isEqualTo(401);
        assertThat(receiver.handled(id)).isZero();
    }

    @ParameterizedTest
    @MethodSource("tenMinutesAway")
    void refusesAnOutcome_whenItsTimestampIsTenMinutesAway(ExampleLanguage language, Duration away) throws Exception {
        ReceiverProcess receiver = started(language);
        assertThat(receiver.post(attempt(Instant.now().plus(away), KNOWN), BODY)).isEqualTo(401);
        assertThat(receiver.handled(id)).isZero();
    }

    static Stream<Arguments> tenMinutesAway() {
        return ExampleLanguage.each(Duration.ofMinutes(-10), Duration.ofMinutes(10));
    }

    @ParameterizedTest
    @MethodSource("headersOfTheStandard")
    void refusesAnOutcome_whenAHeaderIsMissing(ExampleLanguage language, String missing) throws Exception {
        ReceiverProcess receiver = started(language);
        Map<String, String> headers = attempt(Instant.now(), KNOWN);
        headers.remove(missing);
        assertThat(receiver.post(headers, BODY)).isEqualTo(401);
        assertThat(receiver.handled(id)).isZero();
    }

    static Stream<Arguments> headersOfTheStandard() {
        return ExampleLanguage.each("webhook-id", "webhook-timestamp", "webhook-signature");
    }

    @ParameterizedTest
    @MethodSource("malformedHeaders")
    void refusesAnOutcome_whenAHeaderIsMalformed(ExampleLanguage language, Map.Entry<String, String> malformed)
            throws Exception {
        ReceiverProcess receiver = started(language);
        Map<String, String> headers = attempt(Instant.now(), KNOWN);
        headers.put(malformed.getKey(), malformed.getValue());
        assertThat(receiver.post(headers, BODY)).isEqualTo(401);
        assertThat(receiver.handled(id)).isZero();
    }

    static Stream<Arguments> malformedHeaders() {
        return ExampleLanguage.each(Map.entry("webhook-signature", "v1"), Map.entry("webhook-signature", "v1,###"),
                Map.entry("webhook-timestamp", "now"), Map.entry("webhook-timestamp", "9".repeat(30)));
    }

    @ParameterizedTest
    @EnumSource
    void refusesAnOutcome_andGoesOn_whenItIsTooLarge(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        String large = BODY.replace("⚽", "⚽".repeat(1 << 20));
        assertThat(receiver.postOrBeCutOff(attempt(large, Instant.now(), KNOWN), large)).isIn(413, ReceiverProcess.CUT_OFF);
        assertThat(receiver.handled(id)).isZero();
        assertThat(receiver.post(attempt(Instant.now(), KNOWN), BODY)).isEqualTo(204);
    }

    @ParameterizedTest
    @EnumSource
    void goesOn_whenASenderHangsUp(ExampleLanguage language) throws Exception {
        ReceiverProcess receiver = started(language);
        receiver.hangUpAfter("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{");
        assertThat(receiver.post(attempt(Instant.now(), KNOWN), BODY)).isEqualTo(204);
    }

    @ParameterizedTest
    @EnumSource(names = { "JAVA", "JS" })
    void tellsV1aSignaturesByThePublicKey(ExampleLanguage language) throws Exception {
        String body = "{\"resource_id\":101}"; // travels as an argument, where only ASCII is safe
        String signed = id + ".1614265330." + body;
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertThat(language.runV1a(directory, whpk(pair.getPublic()), signed, v1a(pair, signed), v1a(pair, signed + " "),
                v1a(other, signed), v1a(pair, signed).replace("v1a", "v1b"), KNOWN.sign(id, 1614265330, body), "v1a,",
                "v1a,###", "v1a,AAAA"))
                .containsExactly("true", "false", "false", "false", "false", "false", "false", "false");
    }

    private static String secret(String text) {
        return "whsec_" + Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    /** An X.509 key of this kind ends with the raw one. */
    private static String whpk(PublicKey key) {
        byte[] wrapped = key.getEncoded();
        return "whpk_" + Base64.getEncoder()
                .encodeToString(Arrays.copyOfRange(wrapped, wrapped.length - 32, wrapped.length));
    }

    private static String v1a(KeyPair pair, String signed) throws GeneralSecurityException {
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initSign(pair.getPrivate());
        ed25519.update(signed.getBytes(UTF_8));
        return "v1a," + Base64.getEncoder().encodeToString(ed25519.sign());
    }

    private Map<String, String> attempt(Instant at, Webhook... keys) throws WebhookSigningException {
        return attempt(BODY, at, keys);
    }

    private Map<String, String> attempt(String body, Instant at, Webhook... keys) throws WebhookSigningException {
        Map<String, String> headers = new TreeMap<>();
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", String.valueOf(at.getEpochSecond()));
        for (Webhook key : keys) {
            headers.merge("webhook-signature", key.sign(id, at.getEpochSecond(), body), (some, more) -> some + " " + more);
        }
        return headers;
    }

    /** One process a language does for all tests, which know their outcomes by their own ids. */
    private static ReceiverProcess started(ExampleLanguage language) throws IOException {
        language.assumeRuntime();
        ReceiverProcess receiver = STARTED.get(language);
        if (receiver == null) {
            receiver = ReceiverProcess.start(language, directory, SECRET);
            STARTED.put(language, receiver);
        }
        return receiver.awaitListening();
    }
}
