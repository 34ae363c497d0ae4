package io.ancillary.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds a redis-server that runs on this machine, so that development and tests need no installation.
 *
 * <p>
 * The class path carries binaries, but which of them runs can't be told from the architecture alone: some need shared
 * libraries that not every distribution has. So each candidate is tried, the best first, then what the {@code PATH}
 * has.
 */
public final class RedisBinary {

    static final String REMEDY = "No redis-server runs here: install redis-server 6.2 or newer,"
            + " or set QUARKUS_REDIS_HOSTS to a server of your own";

    private static final Pattern VERSION = Pattern.compile("v=(\\d{1,4})\\.(\\d{1,4})");
    private static final Duration TRIAL = Duration.ofSeconds(10);

    private final Path directory;
    private final List<String> bundled;
    private final String searchPath;
    private final Trial trial;

    /** Runs a binary with {@code --version} and answers what it printed, or fails when it does not run. */
    @FunctionalInterface
    interface Trial {
        String version(Path binary) throws IOException;
    }

    /**
     * @param directory where bundled binaries are extracted
     * @param bundled names of class path resources, the best first
     * @param searchPath directories in the form of the environment variable {@code PATH}
     */
    RedisBinary(Path directory, List<String> bundled, String searchPath, Trial trial) {
        this.directory = directory.toAbsolutePath();
        this.bundled = List.copyOf(bundled);
        this.searchPath = searchPath;
        this.trial = trial;
    }

    public static RedisBinary forThisMachine(Path directory) {
        return new RedisBinary(directory, bundledFor(System.getProperty("os.name"), System.getProperty("os.arch")),
                Optional.ofNullable(System.getenv("PATH")).orElse(""), binary -> printedVersion(binary, TRIAL));
    }

    /** Beside the own architecture, the other one that the system can run: it needs fewer shared libraries. */
    static List<String> bundledFor(String os, String architecture) {
        boolean arm = architecture.equals("aarch64") || architecture.equals("arm64");
        boolean intel = architecture.equals("amd64") || architecture.equals("x86_64");
        if (os.equals("Linux")) {
            return arm ? List.of("redis-server-6.2.7-linux-arm64")
                    : intel ? List.of("redis-server-6.2.6-v5-linux-amd64", "redis-server-6.2.7-linux-386") : List.of();
        }
        if (os.toLowerCase(Locale.ROOT).startsWith("mac")) {
            return arm ? List.of("redis-server-6.2.6-v5-darwin-arm64", "redis-server-6.2.6-v5-darwin-amd64")
                    : List.of("redis-server-6.2.6-v5-darwin-amd64");
        }
        return List.of();
    }

    /**
     * Extracts and tries the candidates until one runs.
     *
     * @throws IllegalStateException when none does: one line with the remedy and what was tried
     */
    public Path find() {
        List<String> failures = new ArrayList<>();
        for (Path candidate : candidates()) {
            try {
                if (bundled.contains(candidate.getFileName().toString())) {
                    extract(candidate);
                }
                requireRecent(trial.version(candidate));
                return candidate;
            } catch (IOException e) {
                failures.add(candidate + ": " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }
        throw new IllegalStateException(REMEDY + ". Tried: " + failures);
    }

    /**
     * What is installed is never resolved to its real path: distributions link redis-server to a binary that behaves by
     * the name it is called with.
     */
    private List<Path> candidates() {
        Stream<Path> installed = Arrays.stream(searchPath.split(Pattern.quote(File.pathSeparator), -1))
                .filter(entry -> !entry.isBlank())
                .map(entry -> Path.of(entry).resolve("redis-server").toAbsolutePath())
                .filter(Files::isExecutable);
        return Stream.concat(bundled.stream().map(directory::resolve), installed).toList();
    }

    private static void requireRecent(String printed) throws IOException {
        Matcher version = VERSION.matcher(printed);
        if (!version.find()) {
            throw new IOException("prints no version");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        if (major < 6 || (major == 6 && minor < 2)) {
            throw new IOException(major + "." + minor + " is older than 6.2");
        }
    }

    /** Two processes may do this at once: the name appears only when the file is whole and executable. */
    private void extract(Path target) throws IOException {
        byte[] content = content(target.getFileName().toString());
        if (Files.isExecutable(target) && Files.size(target) == content.length) {
            return;
        }
        Files.createDirectories(directory);
        Path partial = Files.createTempFile(directory, "redis-server", ".part");
        try {
            Files.write(partial, content);
            if (!partial.toFile().setExecutable(true)) {
                throw new IOException("can't be made executable");
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static byte[] content(String resource) throws IOException {
        try (InputStream in = RedisBinary.class.getResourceAsStream("/" + resource)) {
            if (in == null) {
                throw new IOException("not on the class path");
            }
            return in.readAllBytes();
        }
    }

    static String printedVersion(Path binary, Duration patience) throws IOException {
        Process process = new ProcessBuilder(binary.toString(), "--version").redirectErrorStream(true).start();
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("does not answer --version");
            }
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new IOException("exit " + process.exitValue() + ", " + printed.strip());
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
