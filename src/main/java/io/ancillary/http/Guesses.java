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
 * Slows down who tries tokens out: an address may present so many different wrong ones, then one more every so often; in
 * between what it presents is not looked at. Two kinds of clients must not suffer for that. One with an old token that
 * comes a thousand times a second: it guesses once. And those who know the right one, behind the same address as somebody
 * who guesses: an address that has shown the right one is heard for as long as it does so now and then. Where a proxy
 * stands before the service, that address is its own, unless it passes on its clients'.
 *
 * <p>
 * Safe for threads. Holds so many addresses, those least recently heard of go first.
 */
public final class Guesses {
    private static final Logger LOG = Logger.getLogger(Guesses.class);
    private static final int MOST_ADDRESSES = 10_000;
    private static final int REMEMBERED = 8;
    private static final long TRUST = Duration.ofHours(1).toNanos();
    private static final int V6_NETWORK = 8;

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

    /** Takes what is guessed, how many wrong ones an address may present at once, and how long until there is one more. */
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
        /** Not looked at: there were too many wrong ones. */
        UNHEARD
    }

    /**
     * Judges what an address presents.
     *
     * @param address as text
     * @param token as bytes that tell it from others
     * @param right looks at it
     */
    public synchronized Verdict judge(String address, byte[] token, BooleanSupplier right) {
        Caller caller = callers.computeIfAbsent(network(address), key -> new Caller());
        if (caller.mayBeHeard() && right.getAsBoolean()) {
            caller.trust();
            return Verdict.RIGHT;
        }
        return caller.wrong(address, token);
    }

    /** Says so to one whose token is not looked at. */
    public ProblemException unheard() {
        return ProblemException.tooMany("too_many_attempts",
                "there were too many wrong tokens: this one was not looked at", Duration.ofNanos((long) (1 / perNano)));
    }

    /** Who has an IPv6 address has billions of them, in one network of 64 bits. */
    private static String network(String address) {
        byte[] bytes = address.indexOf(':') < 0 ? null : NetUtil.createByteArrayFromIpAddressString(address);
        return bytes == null || bytes.length <= V6_NETWORK ? address : Arrays.toString(Arrays.copyOf(bytes, V6_NETWORK));
    }

    /** What is known of one address. */
    private final class Caller {
        private final Deque<ByteBuffer> wrong = new ArrayDeque<>();
        private double left = most;
        private long at = nanos.getAsLong();
        private boolean trusted;
        private long trustedUntil;

        boolean mayBeHeard() {
            long now = nanos.getAsLong();
            left = Math.min(most, left + (now - at) * perNano);
            at = now;
            trusted &= trustedUntil - now > 0;
            return trusted || left >= 1;
        }

        void trust() {
            trusted = true;
            trustedUntil = at + TRUST;
        }

        Verdict wrong(String address, byte[] presented) {
            ByteBuffer token = ByteBuffer.wrap(BearerToken.digest(presented));
            if (wrong.contains(token)) {
                return Verdict.WRONG;
            }
            if (left < 1) {
                return trusted ? Verdict.WRONG : Verdict.UNHEARD;
            }
            wrong.add(token);
            if (wrong.size() > REMEMBERED) {
                wrong.remove();
            }
            left--;
            if (left < 1) {
                LOG.warnf("%s presents one wrong %s after another: %s", address, what,
                        trusted ? "it has shown the right one, too, so it is heard" : "it is not heard for a while");
            }
            return Verdict.WRONG;
        }
    }
}
