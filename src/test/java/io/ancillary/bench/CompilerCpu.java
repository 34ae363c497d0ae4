package io.ancillary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** CPU time that the compiler threads of a JVM have used, those that there are, from Linux' {@code /proc}. */
record CompilerCpu(long pid) {
    private static final long NANOS_A_MICRO = 1000;

    long micros() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
            return threads.filter(CompilerCpu::isCompiler).mapToLong(CompilerCpu::nanos).sum() / NANOS_A_MICRO;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
