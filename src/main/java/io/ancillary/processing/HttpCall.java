package io.ancillary.processing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;

/**
 * One call, whose answer is read up to a bound. Whoever does not wait for it any longer ends it: the connection is
 * closed, and nothing of it stays.
 */
final class HttpCall {
    private final UniEmitter<? super Answer> answer;
    private final int mostBytes;
    private final AtomicBoolean sent;
    private final AtomicReference<@Nullable HttpClientRequest> request = new AtomicReference<>();
    private volatile boolean over;

    private HttpCall(UniEmitter<? super Answer> answer, int mostBytes, AtomicBoolean sent) {
        this.answer = answer;
        this.mostBytes = mostBytes;
        this.sent = sent;
    }

    /**
     * Sends; fails with {@link UnreachedException} when no connection could be had, be it for lack of time. The
     * timeout is Mutiny's, which cancels the call; fault tolerance's would leave it running.
     */
    static Uni<Answer> send(HttpClient client, RequestOptions options, Buffer body, int mostBytes, Duration time) {
        AtomicBoolean sent = new AtomicBoolean();
        return Uni.createFrom().<Answer> emitter(emitter -> {
            HttpCall call = new HttpCall(emitter, mostBytes, sent);
            emitter.onTermination(call::end);
            client.request(options).onSuccess(connected -> call.send(connected, body))
                    .onFailure(failure -> emitter.fail(new UnreachedException(failure)));
        }).ifNoItem().after(time)
                .failWith(() -> sent.get() ? new TimeoutException() : new UnreachedException(new TimeoutException()));
    }

    private void send(HttpClientRequest connected, Buffer body) {
        request.set(connected);
        if (over) {
            connected.reset();
            return;
        }
        sent.set(true);
        connected.send(body).onSuccess(this::read).onFailure(answer::fail);
    }

    private void read(HttpClientResponse response) {
        Buffer read = Buffer.buffer();
        response.exceptionHandler(answer::fail);
        response.handler(bytes -> {
            if (read.length() + bytes.length() > mostBytes) {
                complete(new Answer(response.statusCode(), response.getHeader("Retry-After"), null));
                response.request().reset();
            } else {
                read.appendBuffer(bytes);
            }
        });
        response.endHandler(
                end -> complete(new Answer(response.statusCode(), response.getHeader("Retry-After"), read)));
    }

    private void complete(Answer given) {
        over = true;
        request.set(null);
        answer.complete(given);
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
     * @param body null when it was larger than was to be read
     */
    record Answer(int status, @Nullable String retryAfter, @Nullable Buffer body) {
    }

    /** Nothing was sent: there was no connection to send it over. */
    static final class UnreachedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnreachedException(Throwable cause) {
            super(String.valueOf(cause.getMessage()), null, false, false);
        }
    }
}
