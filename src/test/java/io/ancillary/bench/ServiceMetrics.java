package io.ancillary.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;

/** What the service says of itself at one time, in Prometheus' text format. */
record ServiceMetrics(List<String> lines) {

    static ServiceMetrics read(URI url) {
        // Not the client of java.net.http, which keeps connections for longer than the service does.
        try (InputStream in = url.toURL().openStream()) {
            return new ServiceMetrics(new String(in.readAllBytes(), UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Bytes of heap that were allocated so far: up to the last collection as the JVM counted then, and since then what is
     * in Eden. Right to within the regions threads have in hand; what is allocated past Eden, as arrays of half a mebibyte
     * are, is not in it.
     */
    double allocatedBytes() {
        return sum("jvm_gc_memory_allocated_bytes_total", "") + sum("jvm_memory_used_bytes", "Eden");
    }

    double heapBytes() {
        return sum("jvm_memory_used_bytes", "area=\"heap\"");
    }

    /** Parts of packets that are accepted and not yet collated. */
    double partsHeld() {
        return sum("ancillary_parts_held", "packets");
    }

    /** Fails when the service does not say: what is renamed there would count for nothing here. */
    private double sum(String name, String labels) {
        List<String> found = lines.stream().filter(line -> line.split("[{ ]", 2)[0].equals(name) && line.contains(labels))
                .toList();
        if (found.isEmpty()) {
            throw new AssertionError("the service has no metric " + name + " with " + labels);
        }
        return found.stream().mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }
}
