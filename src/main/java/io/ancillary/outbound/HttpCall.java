package io.ancillary.outbound;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpClientInternal;
import io.vertx.core.net.SocketAddress;

/**
 * One call, whose answer is read up to a bound. Whoever does not wait for it any longer ends it: the connection is
 * closed, and nothing of it stays.
 */
public final class HttpCall {
    private static final Logger LOG = Logger.getLogger(HttpCall.class);

    private final UniEmitter<? super Answer> answer;
    private final List<Buffer> body;
    private final int mostBytes;
    private final Progress progress;
    private final AtomicReference<@Nullable HttpClientRequest> request = new AtomicReference<>();
    private volatile boolean sent;
    /** Only on the call's own context. */
    private int next;
    private volatile boolean over;

    private HttpCall(UniEmitter<? super Answer> answer, List<Buffer> body, int mostBytes, Progress progress) {
        this.answer = answer;
        this.body = body;
        this.mostBytes = mostBytes;
        this.progress = progress;
    }

    /**
     * Sends; fails with {@link UnreachedException} when no connection could be had, be it for lack of time. The
     * timeout is Mutiny's, which cancels the call; fault tolerance's would leave it running.
     *
     * @param body in pieces, which stand behind one another
     * @param mostBytes of the answer's body that are read
     * @param time from the connection to the end of the answer
     */
    public static Uni<Answer> send(HttpClient client, RequestOptions options, List<Buffer> body, int mostBytes,
            Duration time, Progress progress) {
        AtomicBoolean connected = new AtomicBoolean();
        return Uni.createFrom().<Answer> emitter(emitter -> {
            HttpCall call = new HttpCall(emitter, body, mostBytes, progress);
            emitter.onTermination(call::end);
            client.request(options).onSuccess(request -> {
                connected.set(true);
                call.send(request);
            }).onFailure(failure -> emitter.fail(new UnreachedException(failure)));
        }).ifNoItem().after(time).on(Timers.here(((HttpClientInternal) client).vertx()))
                .failWith(() -> connected.get() ? new TimeoutException() : new UnreachedException(new TimeoutException()));
    }

    private void send(HttpClientRequest connected) {
        request.set(connected);
        if (over) {
            connected.reset();
            return;
        }
        progress.connected(connected.connection().remoteAddress());
        // Who waits learns of it by the answer; without a handler Vert.x calls each reset an error of ours.
        connected.connection().exceptionHandler(broken -> LOG.debugf(broken, "a connection broke"));
        connected.response().onSuccess(this::read).onFailure(answer::fail);
        if (body.size() == 1) {
            // Head and body in one go.
            sent = true;
            connected.end(body.get(0));
            return;
        }
        connected.putHeader(HttpHeaders.CONTENT_LENGTH,
                String.valueOf(body.stream().mapToLong(Buffer::length).sum()));
        connected.drainHandler(drained -> write(connected));
        write(connected);
    }

    /**
     * As fast as the other side reads: what is not written yet is not copied either. The handler was there before the
     * first piece, so that no drain goes unseen.
     */
    private void write(HttpClientRequest to) {
        while (next < body.size() && !over && !to.writeQueueFull()) {
            to.write(body.get(next++));
        }
        if (next == body.size() && !over && !sent) {
            sent = true;
            to.end();
        }
    }

    private void read(HttpClientResponse response) {
        progress.answered();
        Buffer read = Buffer.buffer();
        response.exceptionHandler(answer::fail);
        response.handler(bytes -> {
            int room = mostBytes - read.length();
            read.appendBuffer(bytes.length() > room ? bytes.slice(0, room) : bytes);
            if (bytes.length() > room) {
                complete(response, new Answer(response.statusCode(), response.getHeader("Retry-After"), read, false));
            }
        });
        response.endHandler(end -> complete(response,
                new Answer(response.statusCode(), response.getHeader("Retry-After"), read, true)));
    }

    private void complete(HttpClientResponse response, Answer given) {
        boolean first = !over;
        over = true;
        request.set(null);
        answer.complete(given);
        // What was answered before all was sent, or does not end, has no use for the connection any more.
        if (first && !(sent && given.whole())) {
            response.request().reset();
        }
    }

    /** Also when nobody waits any longer, before there was an answer. */
    private void end() {
        over = true;
        HttpClientRequest unanswered = request.getAndSet(null);
        if (unanswered != null) {
            unanswered.reset();
        }
    }

    /**
     * What was answered.
     *
     * @param body as much of it as was to be read
     * @param whole whether that is all
     */
    public record Answer(int status, @Nullable String retryAfter, Buffer body, boolean whole) {
    }

    /** Is told how far a call has come. */
    public interface Progress {

        /** Nobody is told. */
        Progress UNSEEN = new Progress() {
            @Override
            public void connected(SocketAddress to) {
                // Nobody looks.
            }

            @Override
            public void answered() {
                // Nobody looks.
            }
        };

        /** There is a connection, TLS included. */
        void connected(SocketAddress to);

        /** The answer's status and headers are there. */
        void answered();
    }

    /** Nothing was sent: there was no connection to send it over. */
    public static final class UnreachedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final boolean late;

        UnreachedException(Throwable cause) {
            super(String.valueOf(cause.getMessage()), cause, false, false);
            this.late = cause instanceof TimeoutException;
        }

        /** Whether it was for lack of time. */
        public boolean isLate() {
            return late;
        }
    }
}
