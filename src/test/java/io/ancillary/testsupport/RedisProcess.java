package io.ancillary.testsupport;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.ancillary.redis.RedisBinary;

/**
 * A real Redis of a test's own, for what a shared one can't bear: to be killed, paused, restarted or configured. Its
 * data lives in a directory of its own under {@code target}. It never outlives the JVM.
 */
public final class RedisProcess implements AutoCloseable {

    private static final Path DIRECTORY = Path.of("target", "redis-process").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<String> call = new ArrayList<>();
    private final Path home;
    private final int port;
    private final Thread hook = new Thread(this::kill);
    private Process process;

    private RedisProcess(int port, String... options) {
        this.port = port;
        try {
            Files.createDirectories(DIRECTORY);
            home = Files.createTempDirectory(DIRECTORY, "redis-");
            call.add(RedisBinary.forThisMachine(DIRECTORY).find().toString());
            call.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port), "--save", ""));
            call.addAll(List.of(options));
            process = spawn();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(hook);
        awaitAnswer();
    }

    /** Options are as on the command line: {@code "--appendonly", "yes"}. */
    public static RedisProcess start(String... options) {
        return new RedisProcess(freePort(), options);
    }

    public static RedisProcess startOn(int port, String... options) {
        return new RedisProcess(port, options);
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(local(0));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /** Lets Redis finish what it does and write what it is configured to write. */
    public void stop() {
        process.destroy();
        awaitEnd();
    }

    /** As a crash does: nothing more is written. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** The same port, options and data, and more options for this run; stops it first if it runs. */
    public void restart(String... more) {
        stop();
        try {
            process = spawn(more);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitAnswer();
    }

    /** Connections stay open and nothing is answered, as in a stall of the machine. */
    public void pause() {
        signal("-STOP");
    }

    public void resume() {
        signal("-CONT");
    }

    /**
     * The reply as text: the elements of an array on a line each, a null as the empty string.
     *
     * @throws IllegalStateException with the text of an error reply
     */
    public String command(String... words) {
        return command(port, words);
    }

    /** Sends one command to any Redis on this machine. */
    public static String command(int port, String... words) {
        try (Socket socket = new Socket()) {
            socket.connect(local(port), (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(encoded(words));
            return reply(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private Process spawn(String... more) throws IOException {
        List<String> full = new ArrayList<>(call);
        full.addAll(List.of(more));
        return new ProcessBuilder(full).directory(home.toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("redis.log").toFile())).start();
    }

    private void awaitAnswer() {
        long start = System.nanoTime();
        try {
            do {
                if (answers()) {
                    return;
                }
            } while (!process.waitFor(20, TimeUnit.MILLISECONDS) && System.nanoTime() - start < PATIENCE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        throw new IllegalStateException("Redis does not answer: see redis.log in " + home);
    }

    /** Asked for its process id, since after a lost race for the port somebody else answers there. */
    private boolean answers() {
        try {
            return command("INFO", "server").contains("process_id:" + pid() + "\r\n");
        } catch (UncheckedIOException | IllegalStateException e) {
            return false;
        }
    }

    private void awaitEnd() {
        await(process, "Redis does not stop");
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(pid())).inheritIO().start();
            await(kill, "kill does not end");
            if (kill.exitValue() != 0) {
                throw new IllegalStateException("kill " + signal + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(Process process, String otherwise) {
        try {
            if (process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException(otherwise);
    }

    private static InetSocketAddress local(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }), port);
    }

    private static byte[] encoded(String... words) {
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            request.append('$').append(word.getBytes(StandardCharsets.UTF_8).length).append("\r\n").append(word)
                    .append("\r\n");
        }
        return request.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String reply(InputStream in) throws IOException {
        String line = line(in);
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '$' -> bulk(in, Integer.parseInt(rest));
            case '*' -> array(in, Integer.parseInt(rest));
            default -> throw new IllegalStateException(rest);
        };
    }

    private static String bulk(InputStream in, int length) throws IOException {
        if (length < 0) {
            return "";
        }
        byte[] content = in.readNBytes(length);
        line(in);
        return new String(content, StandardCharsets.UTF_8);
    }

    private static String array(InputStream in, int length) throws IOException {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            elements.add(reply(in));
        }
        return String.join("\n", elements);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("Redis closed the connection");
            }
            line.append((char) next);
        }
        return line.substring(0, line.length() - 1);
    }
}
