package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What a {@link Receiver} does when it has read a request. Each ends by itself, whatever the peer does. What goes wrong
 * before there is a request is the receiver's own.
 */
@FunctionalInterface
public interface Behaviour {
    /** Where clouds keep what nobody outside is to see. */
    URI METADATA = URI.create("http://169.254.169.254/latest/meta-data/");
    /** As much as is written of a body that does not end. */
    long MOST_BYTES = 1_000_000_000;
    Duration DRIP = Duration.ofMillis(200);
    /** Ten minutes of them. */
    int MOST_DROPS = 3_000;

    void answer(Hit hit, Conversation peer) throws IOException;

    static Behaviour ok() {
        return status(200);
    }

    /** Without a body. */
    static Behaviour status(int status) {
        return status(status, Map.of(), new byte[0]);
    }

    /** Its length is said besides, where HTTP allows a body at all. */
    static Behaviour status(int status, Map<String, String> headers, byte[] body) {
        boolean bodiless = status == 204 || status == 304;
        byte[] answer = join(head(status, headers, bodiless ? "" : "Content-Length: " + body.length + "\r\n"), body);
        return (hit, peer) -> peer.write(answer);
    }

    /** Moved permanently. */
    static Behaviour redirect(URI location) {
        return status(301, Map.of("Location", location.toString()), new byte[0]);
    }

    /** Sends whoever follows to the machine's own secrets. */
    static Behaviour redirectToMetadata() {
        return redirect(METADATA);
    }

    /** Without a word on when to come again. */
    static Behaviour tooMany() {
        return status(429);
    }

    static Behaviour tooManyFor(long seconds) {
        return tooMany(Long.toString(seconds));
    }

    /** Asked for each answer anew, to the second. */
    static Behaviour tooManyUntil(Supplier<Instant> instant) {
        // Not RFC_1123_DATE_TIME, which writes days below ten with one digit and so is not HTTP's format.
        DateTimeFormatter date = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
                .withZone(ZoneOffset.UTC);
        return (hit, peer) -> tooMany(date.format(instant.get())).answer(hit, peer);
    }

    /** For some three million years. */
    static Behaviour tooManyForAbsurdlyLong() {
        return tooMany("99999999999999");
    }

    /** With a {@code Retry-After} of any form. */
    static Behaviour tooMany(String retryAfter) {
        return status(429, Map.of("Retry-After", retryAfter), new byte[0]);
    }

    static Behaviour resetBeforeAnswer() {
        return (hit, peer) -> peer.reset();
    }

    /** 200, and half the body that was promised. */
    static Behaviour resetMidBody() {
        byte[] half = new byte[500];
        byte[] answer = join(head(200, Map.of(), "Content-Length: 1000\r\n"), half);
        return (hit, peer) -> {
            peer.write(answer);
            // Or else the peer might learn of the reset first.
            peer.pause(Duration.ofMillis(50));
            peer.reset();
        };
    }

    /** Takes the request and says nothing. */
    static Behaviour neverAnswers() {
        return (hit, peer) -> peer.waitUntilItGoes();
    }

    /** The whole head at once, then a byte of the body at a time. */
    static Behaviour headersThenDrip(int status) {
        return drip(head(status, Map.of(), "Content-Length: " + MOST_DROPS + "\r\n"));
    }

    /** The status at once, then a byte of a header at a time. */
    static Behaviour headersNeverEnd() {
        return drip("HTTP/1.1 200 As-Arranged\r\nX-Endless: ".getBytes(ISO_8859_1));
    }

    /** As fast as the peer reads, in chunks. */
    static Behaviour endlessBody(int status) {
        return endlessBody(status, MOST_BYTES);
    }

    /** Breaks off after about so many bytes, without a last chunk. */
    static Behaviour endlessBody(int status, long mostBytes) {
        byte[] head = head(status, Map.of(), "Transfer-Encoding: chunked\r\n");
        byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(ISO_8859_1);
        return (hit, peer) -> {
            peer.write(head);
            for (long bytes = 0; bytes < mostBytes; bytes += chunk.length) {
                peer.write(chunk);
            }
            peer.hangUp();
        };
    }

    /** 200, with a body of less than 1 MB that is {@link GzipBomb#EXPANDED_BYTES} to whoever unpacks it. */
    static Behaviour gzipBomb() {
        return status(200, Map.of("Content-Encoding", "gzip"), GzipBomb.bytes());
    }

    /** In one way the first times, counted over all connections, and then in another. */
    static Behaviour first(int times, Behaviour behaviour, Behaviour then) {
        AtomicInteger answered = new AtomicInteger();
        return (hit, peer) -> (answered.getAndIncrement() < times ? behaviour : then).answer(hit, peer);
    }

    static Behaviour delayed(Duration delay, Behaviour behaviour) {
        return (hit, peer) -> {
            peer.pause(delay);
            behaviour.answer(hit, peer);
        };
    }

    private static Behaviour drip(byte[] start) {
        return (hit, peer) -> {
            peer.write(start);
            for (int drops = 0; drops < MOST_DROPS; drops++) {
                peer.pause(DRIP);
                peer.write(new byte[] { 'x' });
            }
            peer.hangUp();
        };
    }

    private static byte[] head(int status, Map<String, String> headers, String framing) {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " As-Arranged\r\n" + framing);
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    private static byte[] join(byte[] head, byte[] body) {
        ByteArrayOutputStream both = new ByteArrayOutputStream(head.length + body.length);
        both.writeBytes(head);
        both.writeBytes(body);
        return both.toByteArray();
    }
}
