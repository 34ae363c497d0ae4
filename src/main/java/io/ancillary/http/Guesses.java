package io.ancillary.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.jboss.logging.Logger;

import io.netty.util.NetUtil;

/**
 * Slows down who tries tokens out. An address may present so many different wrong ones; of those after that each is answered
 * late, and only so many wait for that at once: what else comes meanwhile is not looked at. Two kinds of clients must not
 * suffer for it. One with an old token that comes a thousand times a second: it guesses once. And those who know the right
 * one, behind the same address as somebody who guesses: the right one is answered at once, and an address that has shown it
 * is heard whatever else comes from there. Where a proxy stands before the service, that address is its own, unless it passes
 * on its clients'.
 *
 * <p>
 * Safe for threads. Holds so many addresses, those least recently heard of go first.
 */
public final class Guesses {
    private static final Logger LOG = Logger.getLogger(Guesses.class);
    private static final int MOST_ADDRESSES = 10_000;
    private static final int REMEMBERED = 8;
    private static final long TRUST = Duration.ofHours(1).toNanos();
    private static final long BETWEEN_NOTES = Duration.ofMinutes(1).toNanos();
    private static final int V6_NETWORK = 8;
    private static final int MOST_LATE = 16;
    private static final Duration LATE = Duration.ofSeconds(5);

    private final String what;
    private final double most;
    private final double perNano;
    private final LongSupplier nanos;
    private final Map<String, Caller> callers = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Caller> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /** Takes what is guessed, how many wrong ones an address may present, and how long until there is one more. */
    public Guesses(String what, int most, Duration oneMore, LongSupplier nanos) {
        this.what = what;
        this.most = most;
        this.perNano = 1.0 / oneMore.toNanos();
        this.nanos = nanos;
    }

    /** What becomes of a token. */
    public enum Verdict {
        RIGHT,
        WRONG,
        /** Wrong, which is to be said late. */
        WRONG_AGAIN,
        /** Not looked at: too many wrong ones are still to be answered. */
        UNHEARD
    }

    /**
     * Judges what an address presents.
     *
     * @param address as text
     * @param token as bytes that tell it from others
     * @param right looks at it
     */
    public Verdict judge(String address, byte[] token, BooleanSupplier right) {
        String network = network(address);
        if (!mayBeHeard(network)) {
            return Verdict.UNHEARD;
        }
        boolean isRight = right.getAsBoolean();
        Verdict verdict = isRight ? Verdict.RIGHT : Verdict.WRONG;
        boolean noteworthy;
        synchronized (this) {
            Caller caller = callers.computeIfAbsent(network, key -> new Caller());
            noteworthy = !isRight && caller.isWorthANote();
            if (isRight) {
                caller.trust();
            } else {
                verdict = caller.wrong(ByteBuffer.wrap(BearerToken.digest(token)));
            }
        }
        if (noteworthy && verdict == Verdict.WRONG_AGAIN) {
            LOG.warnf("%s presents one wrong %s after another", address, what);
        }
        return verdict;
    }

    private synchronized boolean mayBeHeard(String network) {
        return callers.computeIfAbsent(network, key -> new Caller()).mayBeHeard();
    }

    /** As an answer to a token that is not right. */
    public ProblemException refusal(Verdict verdict, ProblemException wrong) {
        return verdict == Verdict.UNHEARD ? unheard() : verdict == Verdict.WRONG_AGAIN ? wrong.late(LATE) : wrong;
    }

    private static ProblemException unheard() {
        return ProblemException.tooMany("too_many_attempts", "there were too many wrong tokens: this one was not looked at",
                LATE);
    }

    /** Who has an IPv6 address has billions of them, in one network of 64 bits. */
    private static String network(String address) {
        byte[] bytes = address.indexOf(':') < 0 ? null : NetUtil.createByteArrayFromIpAddressString(address);
        return bytes == null || bytes.length <= V6_NETWORK ? address : Arrays.toString(Arrays.copyOf(bytes, V6_NETWORK));
    }

    /** What is known of one address. */
    private final class Caller {
        private final Deque<ByteBuffer> wrong = new ArrayDeque<>();
        private final Deque<Long> lateUntil = new ArrayDeque<>();
        private double left = most;
        private long at = nanos.getAsLong();
        private boolean trusted;
        private long trustedUntil;
        private long notedUntil = at;

        boolean mayBeHeard() {
            long now = nanos.getAsLong();
            left = Math.min(most, left + (now - at) * perNano);
            at = now;
            trusted &= trustedUntil - now > 0;
            while (!lateUntil.isEmpty() && lateUntil.peek() - now <= 0) {
                lateUntil.remove();
            }
            return trusted || lateUntil.size() < MOST_LATE;
        }

        /** Once a minute. */
        boolean isWorthANote() {
            boolean worth = notedUntil - at <= 0;
            if (worth && left < 1) {
                notedUntil = at + BETWEEN_NOTES;
            }
            return worth;
        }

        void trust() {
            trusted = true;
            trustedUntil = at + TRUST;
        }

        Verdict wrong(ByteBuffer token) {
            if (wrong.contains(token)) {
                return Verdict.WRONG;
            }
            wrong.add(token);
            if (wrong.size() > REMEMBERED) {
                wrong.remove();
            }
            if (left >= 1) {
                left--;
                return Verdict.WRONG;
            }
            if (lateUntil.size() < MOST_LATE) {
                lateUntil.add(at + LATE.toNanos());
            }
            return Verdict.WRONG_AGAIN;
        }
    }
}
