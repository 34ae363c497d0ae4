package io.ancillary.packets;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Function;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
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
 * bounded, by body and by all bodies together, and while it is at its bound nothing is read from the client's connection,
 * which fills up to the client itself. Where there is no room packets wait, all but those that are on their way already: one
 * is tried now and then, and when that is taken the others follow. Only on the request's own context.
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
    private final Function<Arrival, CompletionStage<Acceptance>> engine;
    private final BulkRoom room;
    private final BulkRoom roomToBegin;
    private final PacketReader reader;
    private final BiFunction<Packet, Refusal, ProblemException> refusals;
    private final ProblemWriter problems;
    private final ObjectMapper json;
    private final List<Rejected> rejected = new ArrayList<>();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** Those for which there was no room. */
    private final Deque<Element> waiting = new ArrayDeque<>();
    private boolean retrying;

    /** What is not in Redis yet, whether it waits or is on its way. */
    private int underWay;
    private long bytesUnderWay;
    /** Of an element that is not whole. */
    private int begun;
    private boolean paused;
    private boolean read;
    /** Why nothing more of the body can be told apart; what came before is awaited first. */
    private @Nullable String malformed;
    private boolean over;
    private long accepted;
    private long duplicates;
    private long rejections;

    /** Takes what all bodies share: room for packets on their way, and for those that are not whole yet. */
    BulkIntake(RoutingContext request, Function<Arrival, CompletionStage<Acceptance>> engine, BulkRoom room,
            BulkRoom roomToBegin, PacketReader reader, BiFunction<Packet, Refusal, ProblemException> refusals,
            ProblemWriter problems, ObjectMapper json) {
        this.request = request;
        this.room = room;
        this.roomToBegin = roomToBegin;
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

    /** A packet on its way. */
    private record Element(long number, Packet packet, Arrival arrival, int bytes) {
    }

    void begin(Splitter splitter) {
        HttpServerRequest body = request.request();
        body.exceptionHandler(gone -> end());
        // Who has sent all of it and hangs up is nobody's to answer either.
        request.addEndHandler(gone -> end());
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
        if (!over) {
            begin(splitter.kept());
        }
        if (!over && begun > 0 && roomToBegin.isFull()) {
            // It could only wait for others that wait for it.
            fail(ProblemException.unavailable("over_capacity", "as much is being read as there is memory for: " + accepted
                    + " packets were accepted. Repeating all of them is safe", Duration.ofSeconds(1)));
        }
    }

    private void begin(int bytes) {
        roomToBegin.take(bytes - begun);
        begun = bytes;
    }

    /** There is nobody to answer any more, or it is answered: what waits is not awaited. */
    private void end() {
        over = true;
        room.giveBack(bytesUnderWay);
        bytesUnderWay = 0;
        begin(0);
        waiting.clear();
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
    public void take(long number, byte[] bytes) {
        if (over) {
            return;
        }
        try {
            Packet packet = reader.read(bytes);
            Element element = new Element(number, packet, packet.toArrival(), bytes.length);
            underWay++;
            bytesUnderWay += element.bytes();
            room.take(element.bytes());
            pauseIfFull();
            if (waiting.isEmpty()) {
                accept(element);
            } else {
                waiting.add(element);
            }
        } catch (ProblemException e) {
            reject(number, e);
        }
    }

    @Override
    public void tooLarge(long number) {
        reject(number, "too_large", "it has more than " + MOST_BYTES_OF_ONE / 1024 + " KiB");
    }

    private void accept(Element element) {
        engine.apply(element.arrival()).whenComplete((acceptance, failure) -> onContext(() -> {
            if (failure == null) {
                answered(element, acceptance);
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

    private void answered(Element element, Acceptance acceptance) {
        if (over) {
            return;
        }
        if (acceptance instanceof Acceptance.Refused refused) {
            Refusal why = refused.refusal();
            if (why == Refusal.OVER_CAPACITY || why == Refusal.HELD_UP) {
                await(element, why == Refusal.HELD_UP ? UNTIL_MORE_ROOM : UNTIL_ROOM);
                return;
            }
            refuse(element, why);
        } else if (acceptance instanceof Acceptance.Repeated) {
            duplicates++;
        } else {
            accepted++;
        }
        underWay--;
        bytesUnderWay -= element.bytes();
        room.giveBack(element.bytes());
        if (!retrying) {
            // Two for one that was taken: few of those that find no room again, and soon all if there is.
            retry();
            retry();
        }
        resumeIfRoom();
        answerIfDone();
    }

    private void await(Element element, Duration time) {
        waiting.add(element);
        if (!retrying) {
            retrying = true;
            request.vertx().setTimer(time.toMillis(), later -> {
                retrying = false;
                retry();
            });
        }
    }

    /** One, which says whether there is room. */
    private void retry() {
        Element first = waiting.poll();
        if (first != null) {
            accept(first);
        }
    }

    private void refuse(Element element, Refusal why) {
        try {
            reject(element.number(), refusals.apply(element.packet(), why));
        } catch (StoreUnavailableException e) {
            reject(element.number(), "store_unavailable", String.valueOf(e.getMessage()));
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
            end();
            problems.answerAndClose(request, problem);
        }
    }

    private void pauseIfFull() {
        if (!paused && (underWay >= MOST_UNDER_WAY || bytesUnderWay >= MOST_BYTES_UNDER_WAY
                || (underWay > 0 && room.isFull()))) {
            paused = true;
            request.request().pause();
        }
    }

    private void resumeIfRoom() {
        boolean less = underWay <= MOST_UNDER_WAY / 2 && bytesUnderWay <= MOST_BYTES_UNDER_WAY / 2;
        if (paused && less && (underWay == 0 || !room.isFull())) {
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
            end();
            try {
                request.response().putHeader(HttpHeaderNames.CONTENT_TYPE, "application/json")
                        .end(json.writeValueAsString(new Report(accepted, duplicates, rejections, rejected)));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
