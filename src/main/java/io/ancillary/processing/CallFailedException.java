package io.ancillary.processing;

import java.time.Duration;
import java.util.Optional;

/** A call that gave no result. Control flow, not a defect: it has no stack trace. */
final class CallFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** So short a wait is waited where the part is; for a longer one it makes room for others. */
    private static final Duration QUICK = Duration.ofSeconds(1);

    private final transient Optional<Duration> wait;

    private CallFailedException(String message, Optional<Duration> wait) {
        super(message, null, false, false);
        this.wait = wait;
    }

    /** Another call would fare no better. */
    static CallFailedException forGood(String message) {
        return new CallFailedException(message, Optional.empty());
    }

    /** Another call may fare better, after a wait. */
    static CallFailedException forNow(String message, Duration wait) {
        return new CallFailedException(message, Optional.of(wait));
    }

    /** How long to wait; empty when there is nothing to wait for. */
    Optional<Duration> delay() {
        return wait;
    }

    boolean isRepeatedAtOnce() {
        return wait.filter(it -> it.compareTo(QUICK) <= 0).isPresent();
    }
}
