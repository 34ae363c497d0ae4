package io.ancillary.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

import jakarta.inject.Inject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;

import io.ancillary.collation.Attempt.Phases;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.Settlement.Dead;
import io.ancillary.collation.Settlement.Delivered;
import io.ancillary.collation.Settlement.Failed;
import io.ancillary.delivery.Body.TooLargeException;
import io.ancillary.testsupport.Behaviour;
import io.ancillary.testsupport.Hit;
import io.ancillary.testsupport.Receiver;
import io.ancillary.testsupport.TestAuthority;
import io.ancillary.testsupport.TrustResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;

/** One turn at each receiver of the gallery: how many calls it gets, what is made of its answer, and in what time. */
@QuarkusTest
@WithTestResource(value = TrustResource.class, initArgs = {
        @ResourceArg(name = "ancillary.delivery.timeout", value = "1s"),
        @ResourceArg(name = "ancillary.delivery.retry-schedule", value = "0s,200ms,1s"),
        @ResourceArg(name = "ancillary.delivery.max-body", value = "3M"),
        @ResourceArg(name = "ancillary.webhook.signing-secrets", value = WebhooksTest.SECRET) })
class WebhooksTest {
    static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long READ_AT_MOST = 8L * 1024 * 1024;

    @Inject
    Deliverer webhooks;

    TestAuthority authority;

    private static Delivery delivery(int attempts) {
        return new Delivery("0-abc-1", new CollationId("packets", "1"), "abc-1", 1, attempts, 2, Optional.empty());
    }

    private Settlement turn(Receiver at) {
        return turn(at, 0);
    }

    private Settlement turn(Receiver at, int attempts) {
        return turn(delivery(attempts), new Target(at.uri(), true), body("{}"));
    }

    private Settlement turn(Delivery delivery, Target target, Uni<Optional<Body>> body) {
        return webhooks.deliver(delivery, target, () -> body).await().atMost(PATIENCE).orElseThrow();
    }

    private static Uni<Optional<Body>> body(String... pieces) {
        return Uni.createFrom().item(Optional.of(new Body(Stream.of(pieces).map(Buffer::buffer).toList())));
    }

    private static Failed failed(Settlement settlement) {
        assertThat(settlement).isInstanceOf(Failed.class);
        return (Failed) settlement;
    }

    static Stream<Arguments> takers() {
        return Stream.of(Arguments.of(200, Behaviour.ok()), Arguments.of(204, Behaviour.status(204)),
                Arguments.of(200, Behaviour.status(200, Map.of(), "taken".getBytes(UTF_8))),
                Arguments.of(200, Behaviour.endlessBody(200)), Arguments.of(200, Behaviour.gzipBomb()),
                Arguments.of(200, Behaviour.delayed(Duration.ofMillis(500), Behaviour.ok())));
    }

    @ParameterizedTest
    @MethodSource("takers")
    void isDelivered_andReadsNoFurtherThanItMust(int status, Behaviour behaviour) {
        try (Receiver receiver = Receiver.start(behaviour)) {
            Settlement settlement = turn(receiver);

            assertThat(settlement).isInstanceOfSatisfying(Delivered.class, delivered -> {
                assertThat(delivered.attempt().status()).isEqualTo(status);
                assertThat(delivered.attempt().error()).isEmpty();
                assertThat(delivered.attempt().address()).isEqualTo("127.0.0.1:" + receiver.uri().getPort());
            });
            assertThat(receiver.hits()).hasSize(1);
            assertThat(receiver.bytesWritten()).isLessThan(READ_AT_MOST);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 300, 400, 401, 404, 408, 429, 500, 502, 503, 504 })
    void isTriedAgain_byTheSchedule_whenItIsNotTaken(int status) {
        try (Receiver receiver = Receiver
                .start(Behaviour.status(status, Map.of(), "a \u0000 line\nand another".getBytes(UTF_8)))) {
            Failed first = failed(turn(receiver));
            Failed second = failed(turn(receiver, 1));

            assertThat(first.retryIn()).isBetween(Duration.ofMillis(200), Duration.ofMillis(220));
            assertThat(second.retryIn()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1100));
            assertThat(first.attempt().status()).isEqualTo(status);
            assertThat(first.attempt().error()).isEqualTo("the webhook answered " + status);
            assertThat(first.attempt().answer()).isEqualTo("a   line and another");
            assertThat(receiver.hits()).hasSize(2);
        }
    }

    @Test
    void isADeadLetter_whenTheLastAttemptFails() {
        try (Receiver receiver = Receiver.start(Behaviour.status(500))) {
            assertThat(turn(receiver, 2)).isInstanceOfSatisfying(Dead.class,
                    dead -> assertThat(dead.attempt().error()).isEqualTo("the webhook answered 500"));
        }
    }

    @Test
    void isADeadLetter_whenItIsWantedNoMore() {
        try (Receiver receiver = Receiver.start(Behaviour.status(410))) {
            assertThat(turn(receiver)).isInstanceOf(Dead.class);
        }
    }

    @Test
    void followsNoRedirect() {
        try (Receiver target = Receiver.start(Behaviour.ok());
                Receiver receiver = Receiver.start(Behaviour.redirect(target.uri()));
                Receiver metadata = Receiver.start(Behaviour.redirectToMetadata())) {
            assertThat(failed(turn(receiver)).attempt().status()).isEqualTo(301);
            assertThat(failed(turn(metadata)).attempt().status()).isEqualTo(301);
            assertThat(target.connections()).isZero();
        }
    }

    static Stream<Arguments> waits() {
        Supplier<Instant> inHalfAMinute = () -> Instant.now().plusSeconds(30);
        return Stream.of(Arguments.of(Behaviour.tooMany(), 200L, 220L), Arguments.of(Behaviour.tooManyFor(7), 7_000L, 7_700L),
                Arguments.of(Behaviour.tooManyUntil(inHalfAMinute), 28_000L, 33_000L),
                Arguments.of(Behaviour.tooManyForAbsurdlyLong(), 3_600_000L, 3_960_000L),
                Arguments.of(Behaviour.tooMany("soon"), 200L, 220L),
                Arguments.of(Behaviour.status(503, Map.of("Retry-After", "9"), new byte[0]), 9_000L, 9_900L),
                Arguments.of(Behaviour.status(500, Map.of("Retry-After", "9"), new byte[0]), 200L, 220L));
    }

    @ParameterizedTest
    @MethodSource("waits")
    void waitsAsLongAsAsked_withinBounds(Behaviour behaviour, long shortest, long longest) {
        try (Receiver receiver = Receiver.start(behaviour)) {
            assertThat(failed(turn(receiver)).retryIn()).isBetween(Duration.ofMillis(shortest), Duration.ofMillis(longest));
            assertThat(receiver.hits()).hasSize(1);
        }
    }

    @Test
    void saysWhereItEnded_whenThereIsNoConnection() {
        try (Receiver receiver = Receiver.refused()) {
            Failed failed = failed(turn(receiver));

            assertThat(failed.attempt().error()).startsWith("no connection: ");
            assertThat(failed.attempt().took().answer()).isEqualTo(Phases.NOT_REACHED);
            assertThat(failed.attempt().address()).isEqualTo("127.0.0.1:" + receiver.uri().getPort());
        }
    }

    @Test
    void fails_whenTheConnectionBreaks() {
        try (Receiver before = Receiver.start(Behaviour.resetBeforeAnswer());
                Receiver within = Receiver.start(Behaviour.resetMidBody())) {
            assertThat(failed(turn(before)).attempt().error()).startsWith("the connection broke: ");
            assertThat(failed(turn(within)).attempt().error()).startsWith("the connection broke: ");
            assertThat(before.hits()).hasSize(1);
            assertThat(within.hits()).hasSize(1);
        }
    }

    static Stream<Arguments> hangers() {
        return Stream.<Supplier<Receiver>> of(() -> Receiver.start(Behaviour.neverAnswers()),
                () -> Receiver.start(Behaviour.headersNeverEnd()), () -> Receiver.start(Behaviour.headersThenDrip(200)),
                () -> Receiver.start(Behaviour.headersThenDrip(500)), Receiver::neverAccepts, Receiver::slowTls)
                .map(Arguments::of);
    }

    /** What hangs holds its place for as long as an attempt may take, and the connection no longer. */
    @ParameterizedTest
    @MethodSource("hangers")
    void endsInTime_andLetsGo_whateverHangs(Supplier<Receiver> start) {
        try (Receiver receiver = start.get()) {
            long began = System.nanoTime();

            Failed failed = failed(turn(receiver));

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(TIMEOUT.minusMillis(50), TIMEOUT.plusSeconds(1));
            assertThat(failed.attempt().error()).endsWith(" within 1000 ms");
            assertThat(receiver.hits()).hasSizeLessThanOrEqualTo(1);
            await().atMost(PATIENCE).until(() -> receiver.openConnections() == 0);
        }
    }

    @Test
    void trustsWhomItIsToldTo_andNoCertificateThatExpired() {
        try (Receiver valid = Receiver.tls(authority, Behaviour.ok());
                Receiver expired = Receiver.expiredCertificate(authority)) {
            // The first handshake of a JVM loads half the platform, and may take longer than an attempt has here.
            turn(valid);

            assertThat(turn(valid)).isInstanceOf(Delivered.class);
            assertThat(failed(turn(expired)).attempt().error()).startsWith("no connection: ");
            assertThat(expired.hits()).isEmpty();
        }
    }

    /** Each event loop has its own: as many as there are at most, whoever calls. */
    @Test
    void usesAConnectionAgain() {
        try (Receiver receiver = Receiver.start(Behaviour.ok())) {
            for (int i = 0; i < 40; i++) {
                turn(receiver);
            }

            assertThat(receiver.hits()).hasSize(40);
            assertThat(receiver.connections()).isLessThanOrEqualTo(2 * Runtime.getRuntime().availableProcessors());
        }
    }

    @Test
    void signsWhatItSends_byteByByte() throws WebhookVerificationException {
        try (Receiver receiver = Receiver.start(Behaviour.ok())) {
            turn(delivery(0), new Target(receiver.uri(), true), body("{\"output\":", "[\"é 😀\"]", "}"));

            Hit hit = receiver.hits().get(0);
            assertThat(hit.text()).isEqualTo("{\"output\":[\"é 😀\"]}");
            assertThat(hit.webhookId()).isEqualTo("0-abc-1");
            assertThat(hit.headers()).containsEntry("content-type", "application/json")
                    .containsEntry("content-length", String.valueOf(hit.body().length));
            new Webhook(SECRET).verify(hit.text(), java.net.http.HttpHeaders.of(Map.of(
                    "webhook-id", List.of(hit.webhookId()),
                    "webhook-timestamp", List.of(hit.headers().get("webhook-timestamp")),
                    "webhook-signature", List.of(hit.headers().get("webhook-signature"))), (name, value) -> true));
        }
    }

    @Test
    void sendsAllOfALargeBody_toOneThatReadsSlowly() {
        String piece = "x".repeat(256 * 1024);
        try (Receiver receiver = Receiver.start(Behaviour.ok())) {
            Settlement settlement = turn(delivery(0), new Target(receiver.uri(), true),
                    body(Stream.generate(() -> piece).limit(8).toArray(String[]::new)));

            assertThat(settlement).isInstanceOf(Delivered.class);
            assertThat(receiver.hits().get(0).body()).hasSize(8 * piece.length());
        }
    }

    @Test
    void isADeadLetter_andIsNotSent_whenItIsTooLarge() {
        Delivery large = new Delivery("0-abc-1", new CollationId("packets", "1"), "abc-1", 1, 0, 4_000_000, Optional.empty());
        try (Receiver receiver = Receiver.start(Behaviour.ok())) {
            Target target = new Target(receiver.uri(), true);

            assertThat(turn(large, target, body("{}"))).isInstanceOfSatisfying(Dead.class, dead -> assertThat(
                    dead.attempt().error())
                    .isEqualTo("the outcome is larger than 3145728 bytes, and no larger one is delivered"));
            assertThat(turn(delivery(0), target, Uni.createFrom().failure(new TooLargeException(7))))
                    .isInstanceOf(Dead.class);
            assertThat(receiver.connections()).isZero();
        }
    }

    @Test
    void isADeadLetter_andIsNotDialled_whenAClientsUrlLeadsWhereNoneMay() {
        Settlement settlement = turn(delivery(0), new Target(URI.create("http://169.254.169.254/latest/"), false), body("{}"));

        assertThat(settlement).isInstanceOfSatisfying(Dead.class, dead -> {
            assertThat(dead.attempt().error()).isEqualTo("the callback's address is not allowed");
            assertThat(dead.attempt().address()).isEmpty();
        });
    }

    @Test
    void isTriedAgain_whenItsNameCannotBeResolved() {
        Failed failed = failed(turn(delivery(0), new Target(URI.create("http://no-such-host.invalid/"), true), body("{}")));

        assertThat(failed.attempt().error()).startsWith("its name ");
        assertThat(failed.attempt().took().connect()).isEqualTo(Phases.NOT_REACHED);
    }

    @Test
    void isNothing_whenThereIsNothingToDeliver() {
        try (Receiver receiver = Receiver.start(Behaviour.ok())) {
            assertThat(webhooks.deliver(delivery(0), new Target(receiver.uri(), true),
                    () -> Uni.createFrom().item(Optional.empty())).await().atMost(PATIENCE)).isEmpty();
            assertThat(receiver.connections()).isZero();
        }
    }
}
