package io.ancillary.processing;

import static io.ancillary.testsupport.ServiceBehaviour.breaksOff;
import static io.ancillary.testsupport.ServiceBehaviour.gives;
import static io.ancillary.testsupport.ServiceBehaviour.hangs;
import static io.ancillary.testsupport.ServiceBehaviour.stalls;
import static io.ancillary.testsupport.ServiceBehaviour.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.collation.PartResult.Output;
import io.ancillary.processing.Processed.Done;
import io.ancillary.processing.Processed.Later;
import io.ancillary.testsupport.ServiceCall;
import io.ancillary.testsupport.ServiceStub;
import io.quarkus.test.junit.QuarkusTest;

/** When a service is called again, how often, and how soon. */
@QuarkusTest
class RemoteServiceAgainTest extends RemoteServiceFixture {
    private static final String HALF_A_SECOND_LATER = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String A_MINUTE_LATER = "Sun, 06 Nov 1994 08:50:36 GMT";

    @ParameterizedTest
    @ValueSource(ints = { 500, 502, 503, 504, 408, 425, 429, 302, 204, 201 })
    void callsAgain_whenTheFailureMayPass(int status) {
        stub.next(subject, status(status));

        assertThat(turn(service())).isEqualTo(new Done(new Output("[\"" + subject + "\"]")));
        assertThat(stub.calls(subject)).hasSize(2);
    }

    @Test
    void callsAgain_whenTheConnectionBreaks() {
        stub.next(subject, breaksOff(), breaksOff());

        assertThat(turn(service())).isInstanceOf(Done.class);
        assertThat(stub.calls(subject)).hasSize(3);
    }

    @Test
    void callsAgain_whenThereIsNoAnswerInTime() {
        settings.put("service.timeout", "300ms");
        stub.next(subject, hangs());

        assertThat(turn(service())).isEqualTo(new Done(new Output("[\"" + subject + "\"]")));
        assertThat(stub.calls(subject)).hasSize(2);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(stub.abandoned(subject)).as("connections closed").isEqualTo(1));
    }

    @Test
    void callsAgain_whenTheAnswerIsNotWholeInTime() {
        settings.put("service.timeout", "300ms");
        stub.next(subject, stalls());

        assertThat(turn(service())).isEqualTo(new Done(new Output("[\"" + subject + "\"]")));
        assertThat(stub.calls(subject)).hasSize(2);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(stub.abandoned(subject)).as("connections closed").isEqualTo(1));
    }

    @Test
    void saysHowLongItWaited_whenTheServiceNeverAnswers() {
        settings.put("service.timeout", "200ms");
        settings.put("service.attempts", "2");
        stub.always(subject, hangs());

        assertThat(failure(turn(service()))).isEqualTo("the remote did not answer within 200 ms, after 2 attempts");
        assertThat(stub.calls(subject)).hasSize(2);
    }

    @Test
    void isNotCalledAgain_whenThePartsOwnTimeIsUp() {
        clock = Clock.systemUTC();
        stub.always(subject, hangs());

        Processed processed = turn(service(), subject, new Turn(part(), "", 0, 0, Duration.ofMillis(100), tokens()));

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> assertThat(later.attempts()).isEqualTo(1));
        assertThat(stub.calls(subject)).hasSize(1);
    }

    /** A date, since half a second cannot be asked for in seconds; a whole one would not be waited in place. */
    @Test
    void callsAgain_notBeforeItMay_whenTheServiceAsksForTime() {
        stub.next(subject, status(429, HALF_A_SECOND_LATER));

        assertThat(turn(service())).isInstanceOf(Done.class);
        List<ServiceCall> calls = stub.calls(subject);
        assertThat(calls).hasSize(2);
        assertThat(Duration.ofNanos(calls.get(1).arrivalNanos() - calls.get(0).arrivalNanos()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }

    @ParameterizedTest
    @ValueSource(strings = { "60", A_MINUTE_LATER })
    void makesRoomForOthers_whenTheServiceAsksForMoreTime(String retryAfter) {
        stub.next(subject, status(503, retryAfter));

        Processed processed = turn(service());

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> {
            assertThat(later.attempts()).isEqualTo(1);
            assertThat(later.pause()).isFalse();
            assertThat(later.delay()).isBetween(Duration.ofMillis(59_500), Duration.ofSeconds(72));
        });
        assertThat(stub.calls(subject)).hasSize(1);
    }

    @Test
    void callsAgainAtOnce_whenWhatIsAskedForCannotBeUnderstood() {
        stub.next(subject, status(503, "soon"));

        assertThat(turn(service())).isInstanceOf(Done.class);
        assertThat(stub.calls(subject)).hasSize(2);
    }

    @Test
    void callsAgain_whenTheAnswerIsNoneThatCanBeUsed() {
        outputs = json -> Optional.of(new Output(json)).filter(output -> json.equals("1"));
        settings.put("service.attempts", "3");
        stub.next(subject, gives("2"), gives("3"), gives("4"), gives("1"));

        assertThat(failure(turn(service()))).isEqualTo("the remote's answer is none that can be used, after 3 attempts");
        assertThat(stub.calls(subject)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 4 })
    void usesUpTheAttemptsThatAreAllowed_andNoMore(int allowed) {
        settings.put("service.attempts", String.valueOf(allowed));
        stub.always(subject, status(500));

        assertThat(failure(turn(service()))).isEqualTo(
                "the remote answered 500, after " + allowed + (allowed == 1 ? " attempt" : " attempts"));
        assertThat(stub.calls(subject)).hasSize(allowed);
    }

    @Test
    void countsTheAttemptsOfEarlierTurns() {
        settings.put("service.attempts", "5");
        stub.always(subject, status(500));

        Processed processed = turn(service(), subject, turnAfter(3));

        assertThat(failure(processed)).isEqualTo("the remote answered 500, after 5 attempts");
        assertThat(stub.calls(subject)).hasSize(2);
    }

    @Test
    void isNotAskedAgain_whenAllAttemptsWerePutOff() {
        settings.put("service.attempts", "3");

        Processed processed = turn(service(), subject, turnAfter(3));

        assertThat(failure(processed)).isEqualTo("the remote did not complete it, after 3 attempts");
        assertThat(stub.calls(subject)).isEmpty();
    }

    @Test
    void makesRoomForOthers_whenTheWaitHasGrown() {
        settings.put("service.retry-delay", "400ms");
        stub.always(subject, status(500));

        Processed processed = turn(service());

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> {
            assertThat(later.attempts()).isEqualTo(3);
            assertThat(later.delay()).isBetween(Duration.ofMillis(1600), Duration.ofMillis(1920));
            assertThat(later.pause()).isFalse();
        });
        assertThat(stub.calls(subject)).hasSize(3);
    }

    @Test
    void losesNoAttempt_whenTheServiceIsNotThere() throws IOException {
        settings.put("service.attempts", "1");
        settings.put("service.retry-delay", "2s");
        URI nobody = freeUri();

        Processed processed = turn(service(nobody));

        assertThat(processed).isInstanceOfSatisfying(Later.class, later -> {
            assertThat(later.attempts()).isZero();
            assertThat(later.delay()).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2400));
            assertThat(later.pause()).isFalse();
        });
    }

    @Test
    void waitsLongerEachTurn_whileTheServiceIsNotThere() throws IOException {
        settings.put("service.retry-delay", "2s");
        RemoteService service = service(freeUri());

        Processed processed = turn(service, subject, new Turn(part(), "", 0, 2, Duration.ofHours(1), tokens()));

        assertThat(processed).isInstanceOfSatisfying(Later.class,
                later -> assertThat(later.delay()).isBetween(Duration.ofSeconds(8), Duration.ofMillis(9600)));
    }

    @Test
    void isAsked_onceTheServiceIsThere() throws IOException {
        settings.put("service.attempts", "1");
        settings.put("service.retry-delay", "2s");
        URI uri = freeUri();
        RemoteService service = service(uri);
        turn(service);

        try (ServiceStub later = ServiceStub.startOn(uri.getPort())) {
            assertThat(turn(service)).isInstanceOf(Done.class);
            assertThat(later.calls(subject)).hasSize(1);
        }
    }

    /** The port is listened on, but nobody ever takes a connection, and no more can wait for that. */
    @Test
    void losesNoAttempt_whenNoConnectionCanBeHadInTime() throws IOException {
        settings.put("service.timeout", "200ms");
        settings.put("service.attempts", "1");
        settings.put("service.retry-delay", "2s");
        List<Socket> inTheWay = new ArrayList<>();
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fill(busy, inTheWay);

            Processed processed = turn(service(URI.create("http://127.0.0.1:" + busy.getLocalPort() + "/")));

            assertThat(processed).isInstanceOfSatisfying(Later.class, later -> assertThat(later.attempts()).isZero());
        } finally {
            for (Socket socket : inTheWay) {
                socket.close();
            }
        }
    }

    /** Where nobody listens. */
    private static URI freeUri() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
        }
    }

    /** Connects until that takes too long. */
    private static void fill(ServerSocket server, List<Socket> sockets) throws IOException {
        boolean full = false;
        while (!full && sockets.size() < 1000) {
            Socket socket = new Socket();
            sockets.add(socket);
            try {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()), 200);
            } catch (IOException e) {
                full = true;
            }
        }
        assertThat(full).isTrue();
    }
}
