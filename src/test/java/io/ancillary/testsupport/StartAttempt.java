package io.ancillary.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged service as it ends by itself right after its start: what it printed, and its exit code. */
public record StartAttempt(int exitCode, String out, String err) {

    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    /** Starts it in nothing but this environment. */
    public static StartAttempt with(Map<String, String> environment, String... jvmOptions) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(jvmOptions));
        command.addAll(List.of("-jar", JAR.toString()));
        try {
            Path home = Files.createTempDirectory(Files.createDirectories(Path.of("target", "start-attempts")), "start");
            ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(home.resolve("out").toFile())
                    .redirectError(home.resolve("err").toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("it keeps running: " + Files.readString(home.resolve("out")));
            }
            return new StartAttempt(process.exitValue(), Files.readString(home.resolve("out")),
                    Files.readString(home.resolve("err")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
