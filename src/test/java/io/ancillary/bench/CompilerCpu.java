package io.ancillary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** CPU time that the compiler threads of a JVM have used, by thread, from Linux' {@code /proc}. */
record CompilerCpu(long pid) {
    private static final long NANOS_A_MICRO = 1000;

    Map<Path, Long> nanosByThread() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
            return threads.filter(CompilerCpu::isCompiler).collect(Collectors.toMap(thread -> thread, CompilerCpu::nanos));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What has been used since; the JVM ends those that have nothing to do, and begins others. */
    long microsSince(Map<Path, Long> before) {
        return nanosByThread().entrySet().stream()
                .mapToLong(thread -> Math.max(0, thread.getValue() - before.getOrDefault(thread.getKey(), 0L))).sum()
                / NANOS_A_MICRO;
    }

    private static boolean isCompiler(Path thread) {
        return read(thread, "comm").matches("C[12] Compiler.*\\s*");
    }

    private static long nanos(Path thread) {
        String ran = read(thread, "schedstat").split(" ")[0];
        return ran.isEmpty() ? 0 : Long.parseLong(ran);
    }

    /** Empty when the thread has ended meanwhile. */
    private static String read(Path thread, String file) {
        try {
            return Files.readString(thread.resolve(file));
        } catch (IOException e) {
            return "";
        }
    }
}
