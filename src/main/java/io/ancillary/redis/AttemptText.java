package io.ancillary.redis;

import java.time.Instant;
import java.util.Optional;

import io.ancillary.collation.Attempt;
import io.ancillary.collation.Attempt.Phases;
import io.ancillary.collation.LoggedAttempt;

/**
 * An attempt as a field of its delivery's hash, in words between tabs: one that went well is short enough for the hash
 * to stay compact.
 */
final class AttemptText {
    private static final String TAB = "\t";
    private static final int WORDS = 11;

    private AttemptText() {
    }

    /** Without its number and when the next one is, which the script puts before it. */
    static String write(Attempt attempt) {
        Phases took = attempt.took();
        return String.join(TAB, String.valueOf(attempt.at().toEpochMilli()), String.valueOf(took.name()),
                String.valueOf(took.connect()), String.valueOf(took.answer()), String.valueOf(took.body()),
                attempt.address(), String.valueOf(attempt.status()), word(attempt.error()), attempt.answer());
    }

    private static String word(String text) {
        return text.replace('\t', ' ');
    }

    static LoggedAttempt read(String text) {
        String[] words = text.split(TAB, WORDS);
        long next = Long.parseLong(words[1]);
        return new LoggedAttempt(Integer.parseInt(words[0]),
                new Attempt(Instant.ofEpochMilli(Long.parseLong(words[2])),
                        new Phases(Integer.parseInt(words[3]), Integer.parseInt(words[4]), Integer.parseInt(words[5]),
                                Integer.parseInt(words[6])),
                        words[7], Integer.parseInt(words[8]), words[9], words[10]),
                next == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(next)));
    }
}
