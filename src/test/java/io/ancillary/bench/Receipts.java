package io.ancillary.bench;

import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToIntFunction;

import io.ancillary.testsupport.LightReceiver.Webhook;

/**
 * Which webhooks have come of those that must, each with one id of its own. A webhook may come again under that id;
 * whatever else comes is wrong.
 */
final class Receipts {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final ToIntFunction<Webhook> numberOf;
    private final AtomicReferenceArray<String> ids;
    private final AtomicLongArray arrivals;
    private final CountDownLatch outstanding;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /**
     * @param numberOf which of those that must come it is, from 0, and as it must be; else -1
     */
    Receipts(int count, ToIntFunction<Webhook> numberOf) {
        this.numberOf = numberOf;
        this.ids = new AtomicReferenceArray<>(count);
        this.arrivals = new AtomicLongArray(count);
        this.outstanding = new CountDownLatch(count);
    }

    void take(Webhook webhook) {
        int n = numberOf.applyAsInt(webhook);
        if (n < 0 || n >= ids.length()) {
            wrong.add(webhook.id() + " to " + webhook.path() + ": " + webhook.body());
        } else if (ids.compareAndSet(n, null, webhook.id())) {
            arrivals.set(n, System.nanoTime());
            outstanding.countDown();
        } else if (!webhook.id().equals(ids.get(n))) {
            wrong.add(webhook.id() + " is another id of what came as " + ids.get(n) + ": " + webhook.body());
        }
    }

    /** Waits for all of them, and fails when any is missing or anything else came. */
    void awaitAll() throws InterruptedException {
        boolean all = outstanding.await(LONGEST.toSeconds(), TimeUnit.SECONDS);
        if (!wrong.isEmpty()) {
            throw new AssertionError(wrong.size() + " webhooks are wrong, the first: " + wrong.peek());
        }
        if (!all) {
            throw new AssertionError(outstanding.getCount() + " of " + ids.length() + " webhooks did not come");
        }
        Set<String> distinct = new HashSet<>();
        for (int n = 0; n < ids.length(); n++) {
            if (!distinct.add(ids.get(n))) {
                throw new AssertionError("two outcomes have the id " + ids.get(n));
            }
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
