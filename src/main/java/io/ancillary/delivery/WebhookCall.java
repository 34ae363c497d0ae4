package io.ancillary.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

import io.ancillary.collation.Attempt;
import io.ancillary.collation.Attempt.Phases;
import io.ancillary.delivery.CallbackPolicy.RefusedException;
import io.ancillary.outbound.HttpCall;
import io.ancillary.outbound.HttpCall.Answer;
import io.ancillary.outbound.HttpCall.UnreachedException;
import io.ancillary.outbound.RetryAfter;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;

/** One attempt as it goes on, and what is written down of it. */
final class WebhookCall implements HttpCall.Progress {
    /** Of the client's own timeouts, so that it is always this one that ends an attempt, and says so. */
    static final Duration GRACE = Duration.ofMillis(500);
    private static final int MOST_SHOWN = 256;
    private static final int MOST_SAID = 500;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final Instant at;
    private final Duration timeout;
    private final Clock clock;
    private final long began = System.nanoTime();
    private volatile long named;
    private volatile long connected;
    private volatile long answered;
    private volatile String address = "";

    WebhookCall(Clock clock, Duration timeout) {
        this.at = clock.instant();
        this.clock = clock;
        this.timeout = timeout;
    }

    Instant at() {
        return at;
    }

    /** How long the rest may take. */
    Duration left() {
        Duration left = timeout.minusNanos(System.nanoTime() - began);
        return left.toMillis() < 1 ? Duration.ofMillis(1) : left;
    }

    /** Dials this very address, whatever the name leads to by then; the name is for the request and for TLS. */
    RequestOptions dial(RequestOptions options, InetAddress to) {
        named = System.nanoTime();
        SocketAddress server = SocketAddress.inetSocketAddress(new InetSocketAddress(nameless(to), options.getPort()));
        address = text(server);
        return options.setServer(server).setConnectTimeout(left().plus(GRACE).toMillis());
    }

    /** One that was resolved has its name with it, and to Vert.x two of one name are one: it would pool them together. */
    private static InetAddress nameless(InetAddress resolved) {
        try {
            return InetAddress.getByAddress(resolved.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of an impossible length", e);
        }
    }

    @Override
    public void connected(SocketAddress to) {
        connected = System.nanoTime();
    }

    @Override
    public void answered() {
        answered = System.nanoTime();
    }

    Judgement judge(Answer answer) {
        String error = answer.status() / 100 == 2 ? "" : "the webhook answered " + answer.status();
        return Judgement.of(answer.status(), RetryAfter.read(answer.retryAfter(), clock),
                new Attempt(at, phases(), address, answer.status(), error, shown(answer)));
    }

    Uni<Judgement> judge(Throwable failure) {
        Attempt attempt = new Attempt(at, phases(), address, Attempt.NO_ANSWER, error(failure), "");
        return Uni.createFrom().item(
                failure instanceof RefusedException ? Judgement.never(attempt) : Judgement.unanswered(attempt));
    }

    private String error(Throwable failure) {
        if (failure instanceof RefusedException) {
            return String.valueOf(failure.getMessage());
        }
        boolean late = failure instanceof TimeoutException || (failure instanceof UnreachedException un && un.isLate());
        if (late) {
            String what = named == 0 ? "its name was not resolved" : connected == 0 ? "no connection" : "no whole answer";
            return what + " within " + timeout.toMillis() + " ms";
        }
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String what = root instanceof UnknownHostException || named == 0 ? "its name cannot be resolved: "
                : connected == 0 ? "no connection: " : "the connection broke: ";
        return plain(what + Optional.ofNullable(root.getMessage()).orElse(root.getClass().getSimpleName()), MOST_SAID);
    }

    private Phases phases() {
        long now = System.nanoTime();
        return new Phases(millis(began, named == 0 ? now : named), millis(named, connected == 0 ? now : connected),
                millis(connected, answered == 0 ? now : answered), millis(answered, now));
    }

    private static int millis(long from, long to) {
        return from == 0 ? Phases.NOT_REACHED : (int) Duration.ofNanos(to - from).toMillis();
    }

    private static String shown(Answer answer) {
        byte[] bytes = answer.body().getBytes(0, Math.min(MOST_SHOWN, answer.body().length()));
        return plain(new String(bytes, UTF_8), MOST_SHOWN);
    }

    /** Nothing of it can end a line or a word where it is kept. */
    private static String plain(String text, int most) {
        String printable = CONTROL.matcher(text).replaceAll(" ");
        return printable.length() > most ? printable.substring(0, most) : printable;
    }

    private static String text(SocketAddress server) {
        String host = server.hostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + server.port();
    }
}
