package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** A connection on which a test writes whatever bytes it likes, when it likes, and reads what is answered. */
public final class RawConnection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** One answer, whole. */
    public record Answer(int status, String head, String body) {

        /** A header's value, or the empty string. */
        public String header(String name) {
            return field(head, name);
        }
    }

    public static RawConnection open(int port) {
        try {
            Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
            socket.setTcpNoDelay(true);
            return new RawConnection(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** False when the other side has closed it. */
    public boolean write(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public boolean write(String text) {
        return write(text.getBytes(ISO_8859_1));
    }

    /** Says that no more will come, and goes on reading. */
    public void endWriting() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next answer; empty when the connection ends, or the time is over, before it is whole. */
    public Optional<Answer> read(Duration within) {
        long end = System.nanoTime() + within.toNanos();
        try {
            String head = head(end);
            int length = field(head, "content-length").isEmpty() ? 0 : Integer.parseInt(field(head, "content-length"));
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (body.size() < length) {
                body.write(next(end));
            }
            return Optional.of(new Answer(Integer.parseInt(head.split(" ")[1]), head, body.toString(ISO_8859_1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether the other side ends it in time; what it says before that is thrown away. */
    public boolean isClosed(Duration within) {
        long end = System.nanoTime() + within.toNanos();
        try {
            while (true) {
                next(end);
            }
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String head(long end) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) next(end));
        }
        return head.toString();
    }

    private int next(long end) throws IOException {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        socket.setSoTimeout((int) left);
        int next = in.read();
        if (next < 0) {
            throw new IOException("closed");
        }
        return next;
    }

    private static String field(String head, String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return head.lines().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip()).findFirst().orElse("");
    }
}
