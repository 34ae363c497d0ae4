package io.ancillary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time that a process has used, user and system, from Linux' {@code /proc}. */
public final class ProcessCpu {
    /** Linux counts in hundredths of a second, on every architecture we meet. */
    private static final long MICROS_A_TICK = 10_000;
    private static final int USER = 11;
    private static final int SYSTEM = 12;

    private final Path stat;

    public ProcessCpu(long pid) {
        this.stat = Path.of("/proc", String.valueOf(pid), "stat");
    }

    public long micros() {
        try {
            String text = Files.readString(stat);
            // The command's name may hold spaces; the fields are counted from behind it.
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM])) * MICROS_A_TICK;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
