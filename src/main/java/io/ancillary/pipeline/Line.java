package io.ancillary.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;

/** Where turns are waited for when only so many may be had at once. From any thread. */
final class Line {
    private final int places;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int taken;

    Line(int places) {
        this.places = places;
    }

    /**
     * Waits for a place, first come, first served.
     *
     * @param turn is run when there is one, and has it until somebody calls {@link #leave()}; it must not take long
     */
    void enter(Runnable turn) {
        synchronized (this) {
            if (taken == places) {
                waiting.add(turn);
                return;
            }
            taken++;
        }
        turn.run();
    }

    /** Gives a place to who waits for it. */
    void leave() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                taken--;
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
