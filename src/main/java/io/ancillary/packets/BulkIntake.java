package io.ancillary.packets;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.StoreUnavailableException;
import io.ancillary.http.ProblemException;
import io.ancillary.http.ProblemWriter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * One body with many packets. No more of it is read than can be taken in: what has been read and is not in Redis yet is
 * bounded, and while it is at its bound nothing is read from the client's connection, which fills up to the client itself.
 * Where there is no room the packet waits, and so does all behind it. Only on the request's own context.
 */
final class BulkIntake implements Splitter.Sink {
    static final int MOST_BYTES_OF_ONE = 256 * 1024;
    private static final Logger LOG = Logger.getLogger(BulkIntake.class);
    /** Several group commits full. */
    private static final int MOST_UNDER_WAY = 1024;
    private static final long MOST_BYTES_UNDER_WAY = 2L * 1024 * 1024;
    private static final int MOST_TOLD = 1000;
    private static final Duration UNTIL_ROOM = Duration.ofMillis(50);
    private static final Duration UNTIL_MORE_ROOM = Duration.ofSeconds(1);

    private final RoutingContext request;
    private final Context context;
    private final Function<Packet, CompletionStage<Acceptance>> engine;
    private final PacketReader reader;
    private final Refusals refusals;
    private final ProblemWriter problems;
    private final ObjectMapper json;
    private final List<Rejected> rejected = new ArrayList<>();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    private int underWay;
    private long bytesUnderWay;
    private boolean paused;
    private boolean read;
    /** Why nothing more of the body can be told apart; what came before is awaited first. */
    private @Nullable String malformed;
    private boolean over;
    private long accepted;
    private long duplicates;
    private long rejections;

    BulkIntake(RoutingContext request, Function<Packet, CompletionStage<Acceptance>> engine, PacketReader reader,
            Refusals refusals,
            ProblemWriter problems, ObjectMapper json) {
        this.request = request;
        this.context = request.vertx().getOrCreateContext();
        this.engine = engine;
        this.reader = reader;
        this.refusals = refusals;
        this.problems = problems;
        this.json = json;
    }

    /** One that was not taken in, by its line or its place in the array, from 1. */
    @RegisterForReflection
    record Rejected(long line, String code, String error) {
    }

    /** What became of all of them. */
    @RegisterForReflection
    record Report(long accepted, long duplicates, long rejectedCount, List<Rejected> rejected) {
    }

    void begin(Splitter splitter) {
        HttpServerRequest body = request.request();
        body.exceptionHandler(gone -> over = true);
        body.handler(bytes -> feed(splitter, bytes));
        body.endHandler(end -> {
            guarded(splitter::end);
            read = true;
            answerIfDone();
        });
        body.resume();
    }

    private void feed(Splitter splitter, Buffer bytes) {
        guarded(() -> splitter.feed(bytes.getBytes()));
    }

    private void guarded(Runnable reading) {
        if (over || malformed != null) {
            return;
        }
        try {
            reading.run();
        } catch (Splitter.MalformedException e) {
            malformed = e.getMessage();
            answerIfDone();
        }
    }

    @Override
    public void take(long number, byte[] element) {
        if (over) {
            return;
        }
        try {
            Packet packet = reader.read(element);
            underWay++;
            bytesUnderWay += element.length;
            pauseIfFull();
            accept(number, packet, element.length);
        } catch (ProblemException e) {
            reject(number, e);
        }
    }

    @Override
    public void tooLarge(long number) {
        reject(number, "too_large", "it has more than " + MOST_BYTES_OF_ONE / 1024 + " KiB");
    }

    private void accept(long number, Packet packet, int bytes) {
        engine.apply(packet).whenComplete((acceptance, failure) -> onContext(() -> {
            if (failure == null) {
                answered(number, packet, bytes, acceptance);
            } else {
                failed(failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
            }
        }));
    }

    /** Answers come by the group: all of one go over to the request's context together. */
    private void onContext(Runnable answer) {
        answers.add(answer);
        if (scheduled.compareAndSet(false, true)) {
            context.runOnContext(all -> {
                // Cleared first: who adds from here on schedules the next.
                scheduled.set(false);
                for (Runnable next = answers.poll(); next != null; next = answers.poll()) {
                    next.run();
                }
            });
        }
    }

    private void answered(long number, Packet packet, int bytes, Acceptance acceptance) {
        if (over) {
            return;
        }
        if (acceptance instanceof Acceptance.Refused refused) {
            Refusal why = refused.refusal();
            if (why == Refusal.OVER_CAPACITY || why == Refusal.HELD_UP) {
                Duration wait = why == Refusal.HELD_UP ? UNTIL_MORE_ROOM : UNTIL_ROOM;
                request.vertx().setTimer(wait.toMillis(), later -> acceptAgain(number, packet, bytes));
                return;
            }
            refuse(number, packet, why);
        } else if (acceptance instanceof Acceptance.Repeated) {
            duplicates++;
        } else {
            accepted++;
        }
        underWay--;
        bytesUnderWay -= bytes;
        resumeIfRoom();
        answerIfDone();
    }

    private void acceptAgain(long number, Packet packet, int bytes) {
        if (!over) {
            accept(number, packet, bytes);
        }
    }

    private void refuse(long number, Packet packet, Refusal why) {
        try {
            reject(number, refusals.problem(packet, why));
        } catch (StoreUnavailableException e) {
            reject(number, "store_unavailable", String.valueOf(e.getMessage()));
        }
    }

    private void reject(long number, ProblemException problem) {
        reject(number, problem.problem().code(), problem.problem().error());
    }

    private void reject(long number, String code, String error) {
        rejections++;
        if (rejected.size() < MOST_TOLD) {
            rejected.add(new Rejected(number, code, error));
        }
    }

    /** Nobody can tell what became of it: to go on would be to promise something. */
    private void failed(Throwable failure) {
        if (!over && !(failure instanceof StoreUnavailableException)) {
            LOG.error("a packet of many could not be taken in", failure);
        }
        fail(ProblemException.unavailable("store_unavailable", "the store is not available: " + accepted
                + " packets were accepted, and others may have been. Repeating all of them is safe"));
    }

    private void fail(ProblemException problem) {
        if (!over) {
            over = true;
            problems.answerAndClose(request, problem);
        }
    }

    private void pauseIfFull() {
        if (!paused && (underWay >= MOST_UNDER_WAY || bytesUnderWay >= MOST_BYTES_UNDER_WAY)) {
            paused = true;
            request.request().pause();
        }
    }

    private void resumeIfRoom() {
        if (paused && underWay <= MOST_UNDER_WAY / 2 && bytesUnderWay <= MOST_BYTES_UNDER_WAY / 2) {
            paused = false;
            request.request().resume();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for an answer but the client.
    private void answerIfDone() {
        if (over || underWay > 0) {
            return;
        }
        if (malformed != null) {
            fail(ProblemException.invalid(malformed + ". Of what came before, " + accepted + " packets were accepted"));
        } else if (read) {
            over = true;
            try {
                request.response().putHeader(HttpHeaderNames.CONTENT_TYPE, "application/json")
                        .end(json.writeValueAsString(new Report(accepted, duplicates, rejections, rejected)));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
