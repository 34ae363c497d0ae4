package io.ancillary.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/** What the service says of itself at one time, in Prometheus' text format. */
record ServiceMetrics(List<String> lines) {

    static ServiceMetrics read(HttpClient http, URI url) {
        try {
            return new ServiceMetrics(http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofLines()).body().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
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

    private double sum(String name, String labels) {
        return lines.stream().filter(line -> line.startsWith(name) && line.contains(labels))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }
}
