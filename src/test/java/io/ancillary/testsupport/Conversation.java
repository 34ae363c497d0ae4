package io.ancillary.testsupport;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * One connection to a {@link Receiver}, as a {@link Behaviour} has it: what it does here, it does to the peer. All of it
 * throws when the peer has gone, when the receiver is closed, and when the deadline of the request has passed; all of
 * it is for the connection's own thread.
 */
public final class Conversation {
    private final Socket raw;
    private final Duration patience;
    private final LongAdder written;
    private volatile long deadlineNanos;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private boolean over;

    Conversation(Socket raw, Duration patience, LongAdder written) {
        this.raw = raw;
        this.patience = patience;
        this.written = written;
        this.socket = raw;
        renew();
    }

    /** Counted by the receiver, and sent at once. */
    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        written.add(bytes.length);
    }

    /** Waits, but no longer than the peer does: a read that is expected to time out notices when it goes. */
    public void pause(Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        in.mark(1);
        socket.setSoTimeout(Math.toIntExact(Math.max(1, time.toMillis())));
        try {
            if (in.read() < 0) {
                throw new EOFException("the peer has gone");
            }
            in.reset();
            sleepUntil(end);
        } catch (SocketTimeoutException e) {
            // The time is over.
        } finally {
            socket.setSoTimeout(0);
        }
    }

    /** Ignores whatever the peer has to say. */
    public void waitUntilItGoes() throws IOException {
        byte[] ignored = new byte[8192];
        int read = 0;
        while (read >= 0) {
            read = in.read(ignored);
        }
        over = true;
    }

    /** Ends the connection in good order when the behaviour is done. */
    public void hangUp() {
        over = true;
    }

    /** Breaks the connection off at once. What was not sent yet is lost, and the peer is told so. */
    public void reset() throws IOException {
        over = true;
        raw.setSoLinger(true, 0);
        raw.close();
    }

    /** All that becomes of the connection. */
    void run(Door door, Behaviour behaviour, Consumer<Hit> hits) {
        try {
            socket = door.greeting().greet(raw);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
            answerAll(new HitReader(in), behaviour, hits);
            socket.close();
        } catch (IOException e) {
            // The peer has gone, or does not speak HTTP, or has to go.
        } finally {
            abort();
        }
    }

    private void answerAll(HitReader reader, Behaviour behaviour, Consumer<Hit> hits) throws IOException {
        while (!over) {
            renew();
            Optional<Hit> hit = reader.next();
            if (hit.isEmpty()) {
                return;
            }
            hits.accept(hit.get());
            renew();
            behaviour.answer(hit.get(), this);
            over |= hit.get().isLast();
        }
    }

    /** For any thread. Below TLS: to say good-bye would have to wait for a write that is stuck. */
    void abort() {
        try {
            raw.close();
        } catch (IOException e) {
            // Then it was closed.
        }
    }

    /** For any thread. */
    void abortIfLate() {
        if (System.nanoTime() - deadlineNanos > 0) {
            abort();
        }
    }

    private void renew() {
        deadlineNanos = System.nanoTime() + patience.toNanos();
    }

    private static void sleepUntil(long nanos) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the receiver was closed");
        }
    }
}
