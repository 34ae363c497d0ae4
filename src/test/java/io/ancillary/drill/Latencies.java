package io.ancillary.drill;

import java.util.Arrays;
import java.util.Locale;

/** How long each of many things took. */
final class Latencies {
    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long took) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = took;
    }

    synchronized int count() {
        return count;
    }

    /** Of the things that took least, this share took at most so many milliseconds; 0 when there were none. */
    synchronized double millis(double share) {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return count == 0 ? 0 : sorted[Math.min(count - 1, (int) (share * count))] / 1e6;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms, of %d", millis(0.5),
                millis(0.99), millis(0.999), millis(1), count());
    }
}
