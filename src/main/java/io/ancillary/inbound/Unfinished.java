package io.ancillary.inbound;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Bodies that have not all come, and how much is kept of them. When that is more than is allowed, the largest go: who sends
 * a body at one go is none of them, and who sends a small one slowly is the last. Safe for threads.
 */
final class Unfinished {
    private final long most;
    private final Map<RequestWatch, Held> held = new HashMap<>();
    private final TreeSet<Held> largestFirst = new TreeSet<>(
            Comparator.comparingLong(Held::bytes).reversed().thenComparingLong(Held::number));
    private long total;
    private long numbers;

    Unfinished(long most) {
        this.most = most;
    }

    /** More of one has come. Gives those that are to go, to make room. */
    synchronized List<RequestWatch> add(RequestWatch watch, long more) {
        Held before = held.get(watch);
        long bytes = more + (before == null ? 0 : before.bytes());
        remove(watch);
        Held now = new Held(watch, bytes, numbers++);
        held.put(watch, now);
        largestFirst.add(now);
        total += bytes;
        List<RequestWatch> gone = new ArrayList<>();
        while (total > most) {
            RequestWatch largest = largestFirst.first().watch();
            remove(largest);
            gone.add(largest);
        }
        return gone;
    }

    synchronized void remove(RequestWatch watch) {
        Held its = held.remove(watch);
        if (its != null) {
            largestFirst.remove(its);
            total -= its.bytes();
        }
    }

    synchronized long total() {
        return total;
    }

    private record Held(RequestWatch watch, long bytes, long number) {
    }
}
