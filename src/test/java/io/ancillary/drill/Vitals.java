package io.ancillary.drill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a JVM holds, seen from outside; Linux' {@code /proc} says all but the heap.
 *
 * @param liveMebibytes of the heap, what can be reached
 */
record Vitals(double liveMebibytes, double residentMebibytes, int threads, int descriptors) {
    private static final double MEBIBYTE = 1 << 20;

    /** Has it collect all garbage first. */
    static Vitals of(long pid) {
        // What a cleaner or a queue of references still had to see to after the first collection, the second takes:
        // the histogram is of what is left by a full one of its own.
        jcmd(pid, "GC.run");
        long live = jcmd(pid, "GC.class_histogram").lines().filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.strip().split(" +")[2])).findFirst().orElseThrow();
        return new Vitals(live / MEBIBYTE, Drills.residentMegabytes(pid), count(pid, "task"), count(pid, "fd"));
    }

    private static int count(long pid, String what) {
        try (Stream<Path> all = Files.list(Path.of("/proc", String.valueOf(pid), what))) {
            return (int) all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String jcmd(long pid, String command) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process process = new ProcessBuilder(jcmd, String.valueOf(pid), command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
