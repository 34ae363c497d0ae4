package io.ancillary.redis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

import io.ancillary.collation.StoreUnavailableException;

/**
 * Lets what arrives while a call is under way travel together in the next. There is no timer: on an idle system
 * each item leaves at once and alone. Items are sent in the order in which they were submitted, and each gets
 * its own answer; when a call fails, each of its items does. When it fails because the store is away, so does all
 * that waited behind it: each group would wait for its own call's end otherwise, and the last for all of them.
 *
 * @param <I> what is submitted
 * @param <A> the answer to one item
 */
final class GroupCommit<I, A> {
    /** 64 parts hold Redis for 0.8 ms, 512 for 5.5 ms, and save little more. */
    static final int MOST_ITEMS = 64;
    static final int MOST_BYTES = 256 * 1024;
    /** So many wait, and what is late already is late enough; a JVM that has just begun is late for a few clients too. */
    static final int SOME = 2 * MOST_ITEMS;
    /** So many wait behind a call that takes its time, and nobody is crowded: it may be the last such call. */
    private static final int FEW = 4 * MOST_ITEMS;
    /** More than one only when many wait: where the event loop has much else to do, one answer a round would be all. */
    private static final int MOST_CALLS = 8;
    /** So many may always wait; more, where they have been seen to be done within {@link #LONG}. */
    private static final int MANY = 8 * MOST_ITEMS;
    private static final Duration BETWEEN_MEASUREMENTS = Duration.ofMillis(100);
    private static final double FORGOTTEN_EACH = 0.01;
    private static final Duration LONG = Duration.ofMillis(50);

    private final Executor executor;
    private final ToIntFunction<I> bytes;
    private final Function<List<I>, CompletionStage<List<A>>> call;
    private final LongSupplier nanos;

    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long oldestSince;
    private volatile int most = MANY;

    private final Queue<Waiting<I, A>> submitted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    /** From here on, only on the executor. */
    private final Queue<Waiting<I, A>> queue = new ArrayDeque<>();
    private int underWay;
    private long measuredAt;
    private int answered;
    private double fastest;

    /**
     * @param executor runs one task at a time, and none before what submits is done: what comes of one answer, part by part,
     *        would leave with the first of it alone otherwise
     * @param bytes roughly what an item adds to the call
     * @param call carries items out; its answers stand in the items' order
     */
    GroupCommit(Executor executor, ToIntFunction<I> bytes, Function<List<I>, CompletionStage<List<A>>> call) {
        this(executor, bytes, call, System::nanoTime);
    }

    GroupCommit(Executor executor, ToIntFunction<I> bytes, Function<List<I>, CompletionStage<List<A>>> call,
            LongSupplier nanos) {
        this.executor = executor;
        this.bytes = bytes;
        this.call = call;
        this.nanos = nanos;
        this.measuredAt = nanos.getAsLong();
    }

    /**
     * Whether what is submitted now would wait for long: more wait than are done in that time at best, or many do, and
     * the first of them has for longer than it should; or some do, and it is late already. From any
     * thread.
     */
    boolean isCrowded(boolean late) {
        int now = waiting.get();
        return now > most || (late && now >= SOME) || (now > FEW && nanos.getAsLong() - oldestSince > LONG.toNanos());
    }

    CompletionStage<A> submit(I item) {
        Waiting<I, A> submission = new Waiting<>(item, nanos.getAsLong(), new CompletableFuture<>());
        if (waiting.getAndIncrement() == 0) {
            oldestSince = submission.since();
        }
        submitted.add(submission);
        if (scheduled.compareAndSet(false, true)) {
            executor.execute(this::collect);
        }
        return submission.answer();
    }

    private void collect() {
        // Cleared before the queue is drained: who submits from here on schedules the next collect.
        scheduled.set(false);
        for (Waiting<I, A> next = submitted.poll(); next != null; next = submitted.poll()) {
            queue.add(next);
        }
        commitNext();
    }

    private void commitNext() {
        while (!queue.isEmpty() && (underWay == 0 || (underWay < MOST_CALLS && queue.size() >= MOST_ITEMS))) {
            commit();
        }
    }

    private void commit() {
        underWay++;
        List<Waiting<I, A>> group = nextGroup();
        waiting.addAndGet(-group.size());
        // Of the group: who comes now waits for it too.
        oldestSince = group.get(0).since();
        answersTo(group).thenApply(answers -> oneEach(group, answers)).whenComplete((answers, failure) -> {
            underWay--;
            if (failure == null) {
                measure(group.size());
                // Sent before the answers are handed out, so that Redis works while we do.
                commitNext();
                for (int i = 0; i < group.size(); i++) {
                    group.get(i).answer().complete(answers.get(i));
                }
            } else {
                fail(group, Failures.cause(failure));
            }
        });
    }

    /** One that were left out would wait for ever. */
    private static <I, A> List<A> oneEach(List<Waiting<I, A>> group, List<A> answers) {
        if (answers.size() != group.size()) {
            throw new IllegalStateException(answers.size() + " answers to " + group.size() + " items");
        }
        return answers;
    }

    /** How many are done in a second when it goes well; what was long ago counts for less and less. */
    private void measure(int done) {
        answered += done;
        long now = nanos.getAsLong();
        long passed = now - measuredAt;
        if (passed >= BETWEEN_MEASUREMENTS.toNanos()) {
            fastest = Math.max(answered * 1e9 / passed, fastest * (1 - FORGOTTEN_EACH));
            most = Math.max(MANY, (int) (fastest * LONG.toNanos() / 1e9));
            measuredAt = now;
            answered = 0;
        }
    }

    private void fail(List<Waiting<I, A>> group, Throwable failure) {
        List<Waiting<I, A>> failed = new ArrayList<>(group);
        if (failure instanceof StoreUnavailableException) {
            failed.addAll(queue);
            waiting.addAndGet(-queue.size());
            queue.clear();
        }
        commitNext();
        failed.forEach(submission -> submission.answer().completeExceptionally(failure));
    }

    private CompletionStage<List<A>> answersTo(List<Waiting<I, A>> group) {
        try {
            return call.apply(group.stream().map(Waiting::item).toList());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private List<Waiting<I, A>> nextGroup() {
        List<Waiting<I, A>> group = new ArrayList<>();
        long size = 0;
        for (Waiting<I, A> next = queue.peek(); next != null && group.size() < MOST_ITEMS; next = queue.peek()) {
            size += bytes.applyAsInt(next.item());
            if (size > MOST_BYTES && !group.isEmpty()) {
                break;
            }
            group.add(queue.remove());
        }
        return group;
    }

    private record Waiting<I, A>(I item, long since, CompletableFuture<A> answer) {
    }
}
