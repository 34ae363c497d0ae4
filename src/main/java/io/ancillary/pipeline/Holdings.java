package io.ancillary.pipeline;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.ancillary.collation.Part;

/**
 * Which parts a lane holds, by journal entry, and how much that is. What is bounded by count and by bytes is what it
 * holds together with what is on its way in.
 */
final class Holdings {
    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private final int capacity;
    /** Arrivals on their way to the store count too; they are counted before the executor sees them. */
    private final AtomicInteger parts = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final Set<String> held = new HashSet<>();
    private boolean behind;

    Holdings(int capacity) {
        this.capacity = capacity;
    }

    /** Makes room for a body, from any thread; false when there is none. */
    boolean makeRoom(String body) {
        if (room() == 0) {
            return false;
        }
        parts.incrementAndGet();
        bytes.addAndGet(body.length());
        return true;
    }

    /** The room made for a body is free again. */
    void freeRoom(String body) {
        parts.decrementAndGet();
        bytes.addAndGet(-body.length());
    }

    /** This is the part for which room was made; false when it is held already, so that the room is free again. */
    boolean add(Part part) {
        boolean added = held.add(part.entry());
        if (!added) {
            freeRoom(part.body());
        }
        return added;
    }

    /** A part found in the journal; false when it is held already, or there is no room. */
    boolean find(Part part) {
        if (held.contains(part.entry())) {
            return false;
        }
        if (!makeRoom(part.body())) {
            behind = true;
            return false;
        }
        return held.add(part.entry());
    }

    /** Under its new entry; false when that is held already, so that this one is to be forgotten. */
    boolean move(Part from, Part to) {
        held.remove(from.entry());
        return add(to);
    }

    void remove(Part part) {
        held.remove(part.entry());
        freeRoom(part.body());
    }

    /** Parts, those on their way in too. */
    int size() {
        return parts.get();
    }

    /** Those on their way in not counted. */
    int settled() {
        return held.size();
    }

    /** Whether nothing is on its way in. */
    boolean isSettled() {
        return parts.get() == held.size();
    }

    /** How many more parts there is room for. */
    int room() {
        return bytes.get() < MOST_BYTES ? Math.max(0, capacity - parts.get()) : 0;
    }

    /** Whether parts may be in the journal that are not held here. */
    boolean isBehind() {
        return behind;
    }

    /** Whether, if so, there is room for some by now. */
    boolean canCatchUp() {
        return behind && parts.get() <= capacity / 2 && bytes.get() <= MOST_BYTES / 2;
    }

    void setBehind(boolean now) {
        behind = now;
    }
}
