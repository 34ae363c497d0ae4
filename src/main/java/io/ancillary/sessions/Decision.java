package io.ancillary.sessions;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.processing.AccessList.Verdict;

/** What was decided of a session. */
enum Decision {
    ALLOWED,
    NOT_ALLOWED,
    INVALID,
    /** There was no other decision in time. */
    UNKNOWN;

    private static final String PREFIX = "{\"status\":\"";
    private static final String SUFFIX = "\"}";

    static Decision of(Verdict verdict) {
        return valueOf(verdict.name());
    }

    /** The decision of a session that has one. */
    static Optional<Decision> of(Snapshot session) {
        return session.ending().map(ending -> ending.output().map(Decision::read).orElse(UNKNOWN));
    }

    static Optional<Decision> late(Ending ending) {
        return ending.lateOutput().map(Decision::read);
    }

    /** The word for it that others are told. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As it is kept, whatever else the processor said with it: <code>{"status":"allowed"}</code>. */
    String json() {
        return PREFIX + word() + SUFFIX;
    }

    /** The word's meaning; empty when it is none of those that a processor may decide. */
    static Optional<Decision> ofProcessor(String word) {
        return Stream.of(ALLOWED, NOT_ALLOWED, INVALID).filter(decision -> decision.word().equals(word)).findAny();
    }

    /** Reads what {@link #json} wrote. */
    private static Decision read(String json) {
        return valueOf(json.substring(PREFIX.length(), json.length() - SUFFIX.length()).toUpperCase(Locale.ROOT));
    }
}
