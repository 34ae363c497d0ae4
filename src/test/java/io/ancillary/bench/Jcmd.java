package io.ancillary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The JDK's tool that has another JVM do something. */
final class Jcmd {
    private static final String PROGRAM = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();

    private Jcmd() {
    }

    /** Gives what it says. */
    static String call(long pid, String... command) {
        try {
            List<String> words = Stream.concat(Stream.of(PROGRAM, String.valueOf(pid)), Stream.of(command)).toList();
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", words) + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
