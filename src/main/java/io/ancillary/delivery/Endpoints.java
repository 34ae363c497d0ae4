package io.ancillary.delivery;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.ancillary.delivery.Endpoint.Waiting;

/**
 * Who may make an attempt now. There is room for so many in this process, and no endpoint takes more of it than an
 * eighth of what it leaves free: one alone has a ninth of all, and ten that hang leave three tenths to those that do not.
 * What has to wait does so in its endpoint's own line; lines have their turns in a circle. For what would make a line
 * too long, or would wait for an endpoint that rests, the outbox is the line.
 */
final class Endpoints {
    private static final Logger LOG = Logger.getLogger(Endpoints.class);
    private static final int MOST_KNOWN = 10_000;
    /** Of what is free; the smaller, the more endpoints that hang can be borne, and the less has one by itself. */
    private static final int SHARE = 8;

    private final Room room;
    private final LongSupplier nanos;
    private final DoubleSupplier random;
    private final Map<Origin, Endpoint> known = new LinkedHashMap<>(16, 0.75f, true);
    /** Those with a line, each once. */
    private final Queue<Endpoint> circle = new ArrayDeque<>();
    private final Queue<Runnable> given = new ConcurrentLinkedQueue<>();
    private final AtomicInteger giving = new AtomicInteger();
    private int underWay;
    private int waiting;
    private long bytes;
    /** For which there is room but for its size: what it needs is not given to others. */
    private @Nullable Waiting passedOver;
    private boolean draining;

    Endpoints(Room room, LongSupplier nanos, DoubleSupplier random) {
        this.room = room;
        this.nanos = nanos;
        this.random = random;
    }

    /**
     * How much there is room for.
     *
     * @param attempts under way
     * @param atOne under way at one endpoint
     * @param waiting in lines
     * @param bytes of what is sent; a larger one may go alone
     */
    record Room(int attempts, int atOne, int waiting, long bytes) {
    }

    /** Wants to make an attempt; is told once, on whatever thread. */
    interface Entrant {

        /** It is its turn, until it leaves. */
        void enter(Turn turn);

        /** There will be no turn; it may come again after this time. */
        void comeBack(Duration later);
    }

    private record Origin(String scheme, String host, int port) {
        @Override
        public String toString() {
            return scheme + "://" + host + ":" + port;
        }
    }

    /** Has an entrant told when it may go, or that it may not. */
    void enter(URI to, long size, Entrant entrant) {
        Runnable answer;
        synchronized (this) {
            answer = admit(endpoint(to), new Waiting(size, entrant));
        }
        give(List.of(answer));
    }

    private Runnable admit(Endpoint endpoint, Waiting newcomer) {
        long now = nanos.getAsLong();
        if (!endpoint.isResting(now)) {
            if (endpoint.waiting() == 0 && hasRoom(endpoint, newcomer)) {
                return begin(endpoint, newcomer);
            }
            if (!draining && endpoint.waiting() < share(room.waiting() - waiting)) {
                return joinLine(endpoint, newcomer);
            }
        }
        return sendAway(endpoint, newcomer, now);
    }

    private Runnable joinLine(Endpoint endpoint, Waiting newcomer) {
        if (endpoint.waiting() == 0) {
            circle.add(endpoint);
        }
        endpoint.join(newcomer);
        waiting++;
        return () -> {
        };
    }

    private Runnable sendAway(Endpoint endpoint, Waiting waiting, long now) {
        if (passedOver == waiting) {
            passedOver = null;
        }
        Duration later = draining ? Duration.ZERO : endpoint.reserve(now);
        return () -> waiting.entrant().comeBack(later);
    }

    private boolean hasRoom(Endpoint endpoint, Waiting entrant) {
        return endpoint.underWay() < Math.min(endpoint.limit(), share(room.attempts() - underWay))
                && fits(endpoint, entrant);
    }

    /** The largest goes alone at least; who was passed over once has what it needs kept for it. */
    private boolean fits(Endpoint endpoint, Waiting entrant) {
        long size = entrant.bytes();
        long kept = passedOver == null || passedOver == entrant ? 0 : passedOver.bytes();
        long free = room.bytes() - bytes - kept;
        boolean fits = (kept == 0 && underWay == 0) || endpoint.bytes() + size <= share(free)
                || (size <= free && endpoint.underWay() == 0);
        if (fits && passedOver == entrant) {
            passedOver = null;
        } else if (!fits && passedOver == null && size > free) {
            // Not where only its own endpoint's share is used up: that is no reason to keep anything from others.
            passedOver = entrant;
        }
        return fits;
    }

    /** One at least while there is any. */
    private static long share(long free) {
        return (free + SHARE - 1) / SHARE;
    }

    private Runnable begin(Endpoint endpoint, Waiting entering) {
        underWay++;
        bytes += entering.bytes();
        Turn turn = new Turn(endpoint, entering.bytes(), endpoint.begin(entering.bytes()));
        return () -> entering.entrant().enter(turn);
    }

    private Endpoint endpoint(URI to) {
        String scheme = to.getScheme().toLowerCase(Locale.ROOT);
        Origin origin = new Origin(scheme, to.getHost().toLowerCase(Locale.ROOT), Ports.of(to));
        Endpoint endpoint = known.get(origin);
        if (endpoint == null) {
            makeRoomToKnow();
            endpoint = new Endpoint(origin.toString(), room.atOne(), nanos.getAsLong(), random);
            known.put(origin, endpoint);
        }
        return endpoint;
    }

    /** Forgets the one that was idle longest; those that are not are no more than there is room for. */
    private void makeRoomToKnow() {
        Iterator<Endpoint> eldest = known.values().iterator();
        while (known.size() >= MOST_KNOWN && eldest.hasNext()) {
            if (eldest.next().isIdle()) {
                eldest.remove();
            }
        }
    }

    private void leave(Turn turn, Verdict verdict, Optional<Duration> asked) {
        List<Runnable> answers = new ArrayList<>();
        synchronized (this) {
            long now = nanos.getAsLong();
            underWay--;
            bytes -= turn.size;
            boolean rested = turn.endpoint.isLeftAlone();
            turn.endpoint.end(turn.size, turn.probe, verdict, asked, now);
            tell(turn.endpoint, rested);
            if (turn.endpoint.isResting(now)) {
                disperse(turn.endpoint, now, answers);
            }
            goRound(now, answers);
        }
        give(answers);
    }

    /** One after another: who leaves as soon as it has entered lets the next one in, and so on for a whole line. */
    private void give(List<Runnable> answers) {
        given.addAll(answers);
        if (giving.getAndAdd(answers.size()) == 0 && !answers.isEmpty()) {
            do {
                give(Objects.requireNonNull(given.poll()));
            } while (giving.decrementAndGet() > 0);
        }
    }

    /** Whatever goes wrong with one, all that come after it have their turns. */
    private static void give(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a turn could not be given", e);
        }
    }

    /** When it begins and when it is over; not for each probe in between. */
    private static void tell(Endpoint endpoint, boolean rested) {
        if (!rested && endpoint.isLeftAlone()) {
            LOG.warnf("%s fails or asks for less: it is left alone for now", endpoint.name());
        } else if (rested && !endpoint.isLeftAlone()) {
            LOG.infof("%s answers again", endpoint.name());
        }
    }

    private void disperse(Endpoint endpoint, long now, List<Runnable> answers) {
        circle.remove(endpoint);
        for (Waiting sent : endpoint.disperse()) {
            waiting--;
            answers.add(sendAway(endpoint, sent, now));
        }
    }

    /** Each line in turn gives its first, as long as one can. */
    private void goRound(long now, List<Runnable> answers) {
        int stuck = 0;
        while (stuck < circle.size()) {
            Endpoint endpoint = circle.remove();
            Waiting first = endpoint.first();
            boolean goes = first != null && !endpoint.isResting(now) && hasRoom(endpoint, first);
            if (first != null && goes) {
                endpoint.leaveLine();
                waiting--;
                answers.add(begin(endpoint, first));
            }
            stuck = goes ? 0 : stuck + 1;
            if (endpoint.waiting() > 0) {
                circle.add(endpoint);
            }
        }
    }

    /** How many more may wait. */
    synchronized int free() {
        return draining ? 0 : room.waiting() - waiting;
    }

    synchronized int known() {
        return known.size();
    }

    /** Sends all away that wait, and whoever would have to from here on. */
    void drain() {
        List<Runnable> answers = new ArrayList<>();
        synchronized (this) {
            draining = true;
            long now = nanos.getAsLong();
            List.copyOf(circle).forEach(endpoint -> disperse(endpoint, now, answers));
        }
        give(answers);
    }

    /** The right to make one attempt. */
    final class Turn {
        private final Endpoint endpoint;
        private final boolean probe;
        private long size;

        private Turn(Endpoint endpoint, long size, boolean probe) {
            this.endpoint = endpoint;
            this.size = size;
            this.probe = probe;
        }

        /** Says how much there is of what is sent, once that is known: others wait for it, this one does not. */
        void weigh(long known) {
            synchronized (Endpoints.this) {
                bytes += known - size;
                endpoint.weigh(known - size);
                size = known;
            }
        }

        /**
         * It is over; to be called once.
         *
         * @param asked how long the endpoint wants to be left alone, where it said so
         */
        void leave(Verdict verdict, Optional<Duration> asked) {
            Endpoints.this.leave(this, verdict, asked);
        }
    }
}
