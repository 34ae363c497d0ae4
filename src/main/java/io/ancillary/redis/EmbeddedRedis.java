package io.ancillary.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * One real Redis for a developer's JVM or a test run: empty at first, gone with the JVM.
 *
 * <p>
 * Live reload drops every static and every class, but not the JVM. So a system property remembers the server, and the
 * next start adopts it: data survives a reload and nothing else. A JVM that is killed can't stop its server; the note
 * that it left beside the server's log lets the next start in any JVM do so.
 */
final class EmbeddedRedis {

    private static final String NOTE = "processes";
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);
    private static final int PORTS_TRIED = 3;

    private final Path directory;
    private final Path home;
    private final String key;
    private final RedisBinary binary;

    /**
     * @param directory shared by the JVMs of one checkout; may be wiped at any time
     * @param profile each has a server of its own
     */
    EmbeddedRedis(Path directory, String profile, RedisBinary binary) {
        this.directory = directory.toAbsolutePath();
        this.home = this.directory.resolve(profile + "-" + ProcessHandle.current().pid());
        this.key = "io.ancillary.embedded-redis." + profile;
        this.binary = binary;
    }

    /**
     * Starts a server unless this JVM has one that answers.
     *
     * @return its port on 127.0.0.1
     */
    synchronized int start() {
        Server server = Optional.ofNullable(System.getProperty(key)).map(Server::parse).filter(Server::answers)
                .orElseGet(this::launch);
        writeNote(server);
        return server.port;
    }

    private Server launch() {
        stop(System.getProperty(key));
        stopOrphans();
        String executable = binary.find().toString();
        String output = "";
        for (int attempt = 0; attempt < PORTS_TRIED; attempt++) {
            try {
                int port = freePort();
                Process process = spawn(executable, port);
                Server server = new Server(process.pid(), port);
                remember(server);
                if (answersInTime(server, process)) {
                    return server;
                }
                process.destroyForcibly();
                output = lastLines();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (!output.contains("Address already in use")) {
                break;
            }
        }
        throw new IllegalStateException("The embedded Redis, " + executable + ", does not answer. It said:\n" + output);
    }

    private Process spawn(String executable, int port) throws IOException {
        Files.createDirectories(home);
        Files.deleteIfExists(home.resolve("dump.rdb"));
        return new ProcessBuilder(executable, "--bind", "127.0.0.1", "--port", Integer.toString(port), "--save", "",
                "--appendonly", "no")
                .directory(home.toFile()).redirectErrorStream(true).redirectOutput(log().toFile()).start();
    }

    /** At once, not only when it answers, so that no exit in between leaves it behind. */
    private void remember(Server server) {
        boolean first = System.setProperty(key, server.toString()) == null;
        writeNote(server);
        if (first) {
            String remembered = key;
            Thread hook = new Thread(() -> stop(System.getProperty(remembered)), "stop-embedded-redis");
            // The hook keeps the classes of the first load alive; those of a reload never get here.
            hook.setContextClassLoader(null);
            Runtime.getRuntime().addShutdownHook(hook);
        }
    }

    /** Runs in the hook too, where the class loader is closed: no class of ours that is not yet loaded. */
    private static void stop(@Nullable String server) {
        if (server != null) {
            ProcessHandle.of(Long.parseLong(server.substring(0, server.indexOf(':'))))
                    .filter(process -> process.parent().equals(Optional.of(ProcessHandle.current())))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(local(0));
            return socket.getLocalPort();
        }
    }

    private static InetSocketAddress local(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }), port);
    }

    private static boolean answersInTime(Server server, Process process) {
        long start = System.nanoTime();
        try {
            while (System.nanoTime() - start < ANSWERS_WITHIN.toNanos()) {
                if (server.answers()) {
                    return true;
                }
                if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private Path log() {
        return home.resolve("redis.log");
    }

    private String lastLines() throws IOException {
        List<String> lines = Files.readAllLines(log(), StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
    }

    private void writeNote(Server server) {
        try {
            Files.createDirectories(home);
            Files.writeString(home.resolve(NOTE),
                    Running.of(ProcessHandle.current().pid()) + "\n" + Running.of(server.pid) + "\n");
        } catch (IOException e) {
            // Only a killed JVM needs the note, and the directory may be wiped at this very moment.
        }
    }

    private void stopOrphans() {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(directory, Files::isDirectory)) {
            homes.forEach(EmbeddedRedis::stopOrphan);
        } catch (IOException | DirectoryIteratorException e) {
            // No directory, no orphans.
        }
    }

    /** The server of an owner that lives, another dev mode or test run, is none of our business. */
    private static void stopOrphan(Path home) {
        try {
            List<String> processes = Files.readAllLines(home.resolve(NOTE));
            if (processes.size() < 2 || Running.parse(processes.get(0)).lives()) {
                return;
            }
            Running server = Running.parse(processes.get(1));
            if (server.lives()) {
                ProcessHandle.of(server.pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            for (String file : List.of(NOTE, "redis.log", "dump.rdb", "")) {
                Files.deleteIfExists(home.resolve(file));
            }
        } catch (IOException e) {
            // No note yet, or another JVM clears the same one.
        }
    }

    private record Server(long pid, int port) {

        static Server parse(String text) {
            int colon = text.indexOf(':');
            return new Server(Long.parseLong(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        }

        /** Asked for its process id, since after a lost race for the port somebody else answers there. */
        boolean answers() {
            try (Socket socket = new Socket()) {
                socket.connect(local(port), (int) ANSWERS_WITHIN.toMillis());
                socket.setSoTimeout((int) ANSWERS_WITHIN.toMillis());
                socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
                return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                        .lines().anyMatch(("process_id:" + pid)::equals);
            } catch (IOException | UncheckedIOException e) {
                return false;
            }
        }

        @Override
        public String toString() {
            return pid + ":" + port;
        }
    }

    /** A process, told from a later one with the same pid by its start and its executable. */
    private record Running(long pid, long startMillis, String executable) {

        /** The start is reckoned from the boot time, which moves when the clock is set. */
        private static final long CLOCK_MAY_MOVE_MILLIS = 60_000;

        static Running of(long pid) {
            Optional<ProcessHandle.Info> info = ProcessHandle.of(pid).map(ProcessHandle::info);
            return new Running(pid,
                    info.flatMap(ProcessHandle.Info::startInstant).map(Instant::toEpochMilli).orElse(0L),
                    info.flatMap(ProcessHandle.Info::command).orElse("").replace(" (deleted)", ""));
        }

        static Running parse(String line) {
            String[] fields = line.split(" ", 3);
            return new Running(Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2]);
        }

        boolean lives() {
            Running now = of(pid);
            return ProcessHandle.of(pid).isPresent() && now.executable.equals(executable)
                    && Math.abs(now.startMillis - startMillis) < CLOCK_MAY_MOVE_MILLIS;
        }

        @Override
        public String toString() {
            return pid + " " + startMillis + " " + executable;
        }
    }
}
