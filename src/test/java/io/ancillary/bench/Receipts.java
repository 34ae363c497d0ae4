package io.ancillary.bench;

import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToIntFunction;

import io.ancillary.testsupport.LightReceiver.Webhook;

/**
 * Which webhooks have come of those that must, each with one id of its own, and once: nothing goes wrong here that would
 * be a reason to send one again, and each repeat is work that nobody asked for. Whatever else comes is wrong.
 */
final class Receipts {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final ToIntFunction<Webhook> numberOf;
    private final AtomicReferenceArray<String> ids;
    private final AtomicLongArray arrivals;
    private final AtomicInteger outstanding;
    private final AtomicInteger repeats = new AtomicInteger();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    /** All have come, or something that must not. */
    private final CountDownLatch over = new CountDownLatch(1);

    /**
     * @param numberOf which of those that must come it is, from 0, and as it must be; else -1
     */
    Receipts(int count, ToIntFunction<Webhook> numberOf) {
        this.numberOf = numberOf;
        this.ids = new AtomicReferenceArray<>(count);
        this.arrivals = new AtomicLongArray(count);
        this.outstanding = new AtomicInteger(count);
        if (count == 0) {
            over.countDown();
        }
    }

    /** Of what stays open, so that no webhook may come. */
    static Receipts none() {
        return new Receipts(0, webhook -> -1);
    }

    void take(Webhook webhook) {
        int n = numberOf.applyAsInt(webhook);
        if (n < 0 || n >= ids.length()) {
            reject(webhook.id() + " to " + webhook.path() + ": " + webhook.body());
        } else if (ids.compareAndSet(n, null, webhook.id())) {
            arrivals.set(n, System.nanoTime());
            if (outstanding.decrementAndGet() == 0) {
                over.countDown();
            }
        } else if (webhook.id().equals(ids.get(n))) {
            repeats.incrementAndGet();
            over.countDown();
        } else {
            reject(webhook.id() + " is another id of what came as " + ids.get(n) + ": " + webhook.body());
        }
    }

    private void reject(String webhook) {
        wrong.add(webhook);
        over.countDown();
    }

    /** Waits for all of them, and fails when any is missing, came twice, or anything else came. */
    void awaitAll() throws InterruptedException {
        boolean ended = over.await(LONGEST.toSeconds(), TimeUnit.SECONDS);
        checkWhatCame();
        if (!ended) {
            throw new AssertionError(outstanding.get() + " of " + ids.length() + " webhooks did not come");
        }
        Set<String> distinct = new HashSet<>();
        for (int n = 0; n < ids.length(); n++) {
            if (!distinct.add(ids.get(n))) {
                throw new AssertionError("two outcomes have the id " + ids.get(n));
            }
        }
    }

    /** Fails when anything came that must not; it may still have come after all were there. */
    void checkWhatCame() {
        if (!wrong.isEmpty()) {
            throw new AssertionError(wrong.size() + " webhooks are wrong, the first: " + wrong.peek());
        }
        if (repeats.get() > 0) {
            throw new AssertionError(repeats.get() + " webhooks came again, though each was taken");
        }
    }

    /** When it was here in full, by {@link System#nanoTime}. */
    long arrivalNanos(int n) {
        return arrivals.get(n);
    }

    /** The webhook's id. */
    String id(int n) {
        return ids.get(n);
    }
}
