package io.ancillary.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.DoubleSupplier;

import org.jspecify.annotations.Nullable;

/**
 * What is known of one endpoint, and the line of what waits for it. Not safe for threads: {@link Endpoints} sees to that.
 *
 * <pre>
 * open ──10 failures in a row, or Retry-After──▶ resting ──time is up──▶ one probe ──answered──▶ open
 *                                                   ▲                       │
 *                                                   ╰── failed: twice as long, up to a minute
 * </pre>
 */
final class Endpoint {
    static final int FAILURES_IN_A_ROW = 10;
    static final Duration SHORTEST_REST = Duration.ofSeconds(1);
    static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final double JITTER = 0.1;
    /** So far apart come back those for which there was no place, until it is known how fast it takes them. */
    private static final Duration FIRST_SPACING = Duration.ofMillis(1);
    /** No more than that are looked for in a second. */
    private static final Duration LEAST_SPACING = Duration.ofNanos(200_000);
    /** Further apart, those that wait would still come one by one long after it has become fast again. */
    private static final Duration MOST_SPACING = Duration.ofMillis(5);
    /** Closer together, finding that it still rests would cost more than it is worth. */
    private static final Duration SPACING_AT_REST = Duration.ofMillis(2);
    private static final Duration WHILE_MEASURED = Duration.ofMillis(250);
    private static final Duration SOON = Duration.ofMillis(50);
    /** A probe may hang for as long as an attempt may: all that wait would come to see so over and over, at others' expense. */
    private static final Duration WHILE_PROBED = SHORTEST_REST;

    private final String name;
    private final int most;
    private final DoubleSupplier random;
    private final Queue<Waiting> line = new ArrayDeque<>();
    private int limit;
    private int underWay;
    private long bytes;
    private int failures;
    private Duration rest = SHORTEST_REST;
    private boolean resting;
    private boolean probing;
    private long restsUntil;
    private long askedUntil;
    private long reservedUntil;
    /** Of what waits in the outbox, a line without end, kept in Redis. */
    private long spacing = FIRST_SPACING.toNanos();
    /** Whether others wait for their places, since when they have all the time, and how many were taken since. */
    private boolean busy;
    private long busySince;
    private int taken;

    Endpoint(String name, int most, long now, DoubleSupplier random) {
        this.name = name;
        this.most = most;
        this.limit = most;
        this.random = random;
        this.reservedUntil = now;
        this.askedUntil = now;
    }

    /** One that waits for its turn; another is another, though it be as large. */
    static final class Waiting {
        private final long bytes;
        private final Endpoints.Entrant entrant;

        Waiting(long bytes, Endpoints.Entrant entrant) {
            this.bytes = bytes;
            this.entrant = entrant;
        }

        long bytes() {
            return bytes;
        }

        Endpoints.Entrant entrant() {
            return entrant;
        }
    }

    String name() {
        return name;
    }

    /** Whether it rests, or is being probed because it did. */
    boolean isLeftAlone() {
        return resting;
    }

    /** Whether it is to be left alone, but for a probe that is under way. */
    boolean isResting(long now) {
        return resting && (probing || now - restsUntil < 0);
    }

    boolean isIdle() {
        return underWay == 0 && line.isEmpty();
    }

    int underWay() {
        return underWay;
    }

    /** A probe does not wait for what has hung since before it rested. */
    int limit() {
        return resting ? most : limit;
    }

    long bytes() {
        return bytes;
    }

    int waiting() {
        return line.size();
    }

    @Nullable
    Waiting first() {
        return line.peek();
    }

    void join(Waiting waiting) {
        line.add(waiting);
    }

    void leaveLine() {
        line.remove();
    }

    /** All that wait; none does from here on. */
    List<Waiting> disperse() {
        List<Waiting> all = new ArrayList<>(line);
        line.clear();
        return all;
    }

    /** Gives whether it is a probe. */
    boolean begin(long size) {
        underWay++;
        bytes += size;
        probing |= resting;
        return resting;
    }

    void weigh(long more) {
        bytes += more;
    }

    void end(long size, boolean probe, Verdict verdict, Optional<Duration> asked, long now) {
        underWay--;
        bytes -= size;
        probing &= !probe;
        measure(verdict, now);
        switch (verdict) {
            case WELL -> {
                limit = Math.min(most, limit + 1);
                open(probe, now);
            }
            case ALIVE -> open(probe, now);
            case BUSY -> {
                limit = Math.max(1, limit / 2);
                asked.ifPresentOrElse(wait -> asked(wait, now), () -> failed(probe, now));
            }
            case FAILING -> {
                limit = Math.max(1, limit / 2);
                failed(probe, now);
            }
            case UNKNOWN -> {
                // A probe that asked nothing: the next one does.
            }
        }
    }

    /** How many it takes in a while in which others wait for their places: one by one, or many at a time. */
    private void measure(Verdict verdict, long now) {
        boolean wasBusy = busy;
        busy = !line.isEmpty() && !resting;
        if (!busy || !wasBusy) {
            busySince = now;
            taken = 0;
            return;
        }
        taken += verdict == Verdict.WELL || verdict == Verdict.ALIVE ? 1 : 0;
        if (now - busySince >= WHILE_MEASURED.toNanos()) {
            // A quarter sooner than it took them: else nobody would learn that it could take more.
            long each = (now - busySince) * 3 / 4 / Math.max(1, taken);
            spacing = Math.min(MOST_SPACING.toNanos(), Math.max(LEAST_SPACING.toNanos(), each));
            busySince = now;
            taken = 0;
        }
    }

    /** What began before it asked to be left alone, and is taken meanwhile, takes nothing of that back. */
    private void open(boolean probe, long now) {
        failures = 0;
        if (resting && !probe && askedUntil - now > 0) {
            return;
        }
        if (resting) {
            reservedUntil = now;
        }
        resting = false;
        probing = false;
        rest = SHORTEST_REST;
    }

    /** What began before it rested, and fails meanwhile, says nothing new. */
    private void failed(boolean probe, long now) {
        failures++;
        if (probe || (!resting && failures >= FAILURES_IN_A_ROW)) {
            restLonger(now);
        }
    }

    /** It knows best when it has time, unless it says the same again and again. */
    private void asked(Duration wait, long now) {
        rest(shorter(wait, LONGEST_REST), now);
        failures++;
        if (failures >= FAILURES_IN_A_ROW) {
            restLonger(now);
        }
        askedUntil = restsUntil;
    }

    private void restLonger(long now) {
        rest(rest.plusNanos((long) (rest.toNanos() * JITTER * random.getAsDouble())), now);
        rest = shorter(rest.multipliedBy(2), LONGEST_REST);
    }

    private void rest(Duration time, long now) {
        long until = now + time.toNanos();
        restsUntil = resting && restsUntil - until > 0 ? restsUntil : until;
        resting = true;
    }

    /** How long one is to wait in the outbox for which there is no place: behind all that were told so before it. */
    Duration reserve(long now) {
        boolean rests = resting && restsUntil - now > 0;
        Duration look = resting && probing ? WHILE_PROBED : SOON;
        long soonest = Math.max(now + look.toNanos(), rests ? restsUntil : now);
        reservedUntil = Math.max(soonest, reservedUntil + (resting ? SPACING_AT_REST.toNanos() : spacing));
        return Duration.ofNanos(reservedUntil - now);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
