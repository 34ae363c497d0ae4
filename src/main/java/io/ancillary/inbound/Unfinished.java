package io.ancillary.inbound;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bodies that have not all come, and how much is kept of them. When that is more than is allowed, those go that have been
 * coming for the longest: who sends a body at one go is none of them. Safe for threads.
 */
final class Unfinished {
    private final long most;
    /** In the order in which they began. */
    private final Map<RequestWatch, Long> bytes = new LinkedHashMap<>();
    private long total;

    Unfinished(long most) {
        this.most = most;
    }

    /** More of one has come. Gives those that are to go, to make room. */
    synchronized List<RequestWatch> add(RequestWatch watch, long more) {
        bytes.merge(watch, more, Long::sum);
        total += more;
        List<RequestWatch> gone = new ArrayList<>();
        while (total > most) {
            RequestWatch oldest = bytes.keySet().iterator().next();
            remove(oldest);
            gone.add(oldest);
        }
        return gone;
    }

    synchronized void remove(RequestWatch watch) {
        Long its = bytes.remove(watch);
        total -= its == null ? 0 : its;
    }

    synchronized long total() {
        return total;
    }
}
