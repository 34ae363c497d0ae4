package io.ancillary.delivery;

import java.time.Duration;
import java.util.Optional;

import io.ancillary.collation.Attempt;

/**
 * What is made of one attempt.
 *
 * @param verdict what it says of the endpoint
 * @param asked how long the receiver wants to be left alone, where it said so
 */
record Judgement(Fate fate, Verdict verdict, Optional<Duration> asked, Attempt attempt) {
    private static final int GONE = 410;

    /** What becomes of the delivery. */
    enum Fate {
        DELIVERED,
        AGAIN,
        NEVER
    }

    static Judgement of(int status, Optional<Duration> asked, Attempt attempt) {
        if (status / 100 == 2) {
            return new Judgement(Fate.DELIVERED, Verdict.WELL, Optional.empty(), attempt);
        }
        return switch (status) {
            case GONE -> new Judgement(Fate.NEVER, Verdict.ALIVE, Optional.empty(), attempt);
            case 429, 502, 503, 504 -> new Judgement(Fate.AGAIN, Verdict.BUSY, asked, attempt);
            default ->
                new Judgement(Fate.AGAIN, status / 100 == 5 ? Verdict.FAILING : Verdict.ALIVE, Optional.empty(), attempt);
        };
    }

    /** There was no answer. */
    static Judgement unanswered(Attempt attempt) {
        return new Judgement(Fate.AGAIN, Verdict.FAILING, Optional.empty(), attempt);
    }

    /** The endpoint was not asked, and the same would come of asking another time. */
    static Judgement never(Attempt attempt) {
        return new Judgement(Fate.NEVER, Verdict.UNKNOWN, Optional.empty(), attempt);
    }

    /** The endpoint was not asked, for a reason of ours that may pass. */
    static Judgement later(Attempt attempt, Duration wait) {
        return new Judgement(Fate.AGAIN, Verdict.UNKNOWN, Optional.of(wait), attempt);
    }
}
