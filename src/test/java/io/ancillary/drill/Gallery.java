package io.ancillary.drill;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.ancillary.testsupport.Behaviour;
import io.ancillary.testsupport.Receiver;
import io.ancillary.testsupport.TestAuthority;

/** One receiver of each kind there is, and what is to become of a delivery to it. */
record Gallery(List<Exhibit> exhibits) implements AutoCloseable {
    /** The wait before each attempt. */
    static final List<Duration> SCHEDULE = List.of(Duration.ZERO, Duration.ofMillis(200), Duration.ofSeconds(1),
            Duration.ofSeconds(2));

    /** They have no request to read. */
    private static final Set<String> UNREACHED = Set.of("refused", "expired", "neverAccepts", "slowTls");

    /** What is to become of a delivery. */
    enum Fate {
        /** At the first attempt. */
        DELIVERED("delivered", 1),
        /** Refused for good, and not tried again. */
        GONE("dead", 1),
        /** Tried as often as the schedule says. */
        DEAD("dead", SCHEDULE.size()),
        /** Put off for longer than the drill lasts; all but the first may have no attempt, as its endpoint rests. */
        PUT_OFF("pending", 1);

        final String status;
        final int attempts;

        Fate(String status, int attempts) {
            this.status = status;
            this.attempts = attempts;
        }
    }

    /**
     * One receiver.
     *
     * @param answer the status that is read of it; 0 where there is no whole answer
     * @param asked how long it wants to be left alone, as far as that is granted
     */
    record Exhibit(String name, Receiver receiver, Fate fate, int answer, Duration asked) {

        /** The outcome with this number. */
        String resource(int number) {
            return name + "-" + number;
        }

        String address() {
            return "127.0.0.1:" + receiver.uri().getPort();
        }

        /** Whether it reads what it is sent, and so can say how often that was. */
        boolean isReached() {
            return !UNREACHED.contains(name);
        }

        /** Between the end of an attempt and the beginning of the next, which is the n-th. */
        Duration leastWait(int next) {
            Duration scheduled = SCHEDULE.get(next - 1);
            return scheduled.compareTo(asked) < 0 ? asked : scheduled;
        }
    }

    static Gallery open(TestAuthority authority) {
        return new Gallery(Stream.of(delivered(authority), refusing(), busy(), breaking(), silent(authority))
                .flatMap(it -> it).toList());
    }

    private static Stream<Exhibit> delivered(TestAuthority authority) {
        return Stream.of(
                delivered("plain200", 200, Receiver.start(Behaviour.ok())),
                delivered("plain204", 204, Receiver.start(Behaviour.status(204))),
                delivered("tls", 200, Receiver.tls(authority, Behaviour.ok())),
                delivered("endless", 200, Receiver.start(Behaviour.endlessBody(200))),
                delivered("gzipBomb", 200, Receiver.start(Behaviour.gzipBomb())));
    }

    private static Stream<Exhibit> refusing() {
        return Stream.of(
                new Exhibit("gone410", Receiver.start(Behaviour.status(410)), Fate.GONE, 410, Duration.ZERO),
                dead("metadata301", 301, Receiver.start(Behaviour.redirectToMetadata())),
                dead("bad400", 400, Receiver.start(Behaviour.status(400))),
                dead("error500", 500, Receiver.start(Behaviour.status(500))),
                dead("gateway502", 502, Receiver.start(Behaviour.status(502))),
                dead("gateway504", 504, Receiver.start(Behaviour.status(504))));
    }

    private static Stream<Exhibit> busy() {
        Duration most = Duration.ofHours(1);
        Duration second = Duration.ofSeconds(1);
        // A date has no fraction of a second: of two seconds from now it leaves one and more.
        Behaviour soon = Behaviour.tooManyUntil(() -> Instant.now().plusSeconds(2));
        Behaviour far = Behaviour.tooManyUntil(() -> Instant.now().plus(2, ChronoUnit.DAYS));
        return Stream.of(
                dead("busy429", 429, Receiver.start(Behaviour.tooMany())),
                new Exhibit("busyForSeconds", Receiver.start(Behaviour.tooManyFor(1)), Fate.DEAD, 429, second),
                new Exhibit("busyUntilSoon", Receiver.start(soon), Fate.DEAD, 429, second),
                new Exhibit("busyUntilFar", Receiver.start(far), Fate.PUT_OFF, 429, most),
                new Exhibit("busyAbsurdly", Receiver.start(Behaviour.tooManyForAbsurdlyLong()), Fate.PUT_OFF, 429, most));
    }

    private static Stream<Exhibit> breaking() {
        return Stream.of(
                dead("refused", 0, Receiver.refused()),
                dead("resetMidBody", 0, Receiver.start(Behaviour.resetMidBody())),
                dead("resetBeforeAnswer", 0, Receiver.start(Behaviour.resetBeforeAnswer())));
    }

    private static Stream<Exhibit> silent(TestAuthority authority) {
        return Stream.of(
                dead("expired", 0, Receiver.expiredCertificate(authority)),
                dead("drip", 0, Receiver.start(Behaviour.headersThenDrip(200))),
                dead("neverAccepts", 0, Receiver.neverAccepts()),
                dead("neverAnswers", 0, Receiver.start(Behaviour.neverAnswers())),
                dead("slowTls", 0, Receiver.slowTls()));
    }

    private static Exhibit delivered(String name, int status, Receiver receiver) {
        return new Exhibit(name, receiver, Fate.DELIVERED, status, Duration.ZERO);
    }

    private static Exhibit dead(String name, int status, Receiver receiver) {
        return new Exhibit(name, receiver, Fate.DEAD, status, Duration.ZERO);
    }

    @Override
    public void close() {
        exhibits.forEach(it -> it.receiver().close());
    }
}
