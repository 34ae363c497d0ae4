package io.ancillary.processing;

import java.time.Duration;
import java.util.Optional;

/** A call that gave no result. Control flow, not a defect: it has no stack trace. */
final class CallFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** So short a wait is waited where the part is; for a longer one it makes room for others. */
    private static final Duration QUICK = Duration.ofSeconds(1);

    private final transient Optional<Duration> wait;
    private final boolean atOnce;
    private final boolean servicesFault;

    private CallFailedException(String message, Optional<Duration> wait, boolean atOnce, boolean servicesFault) {
        super(message, null, false, false);
        this.wait = wait;
        this.atOnce = atOnce;
        this.servicesFault = servicesFault;
    }

    /** Another call would fare no better. */
    static CallFailedException forGood(String message) {
        return new CallFailedException(message, Optional.empty(), false, false);
    }

    /**
     * Another call may fare better, after a wait.
     *
     * @param left what time the part has; what is not awaited by then is not called for
     */
    static CallFailedException forNow(String message, Duration wait, Duration left) {
        boolean atOnce = wait.compareTo(QUICK) <= 0 && wait.compareTo(left) < 0;
        return new CallFailedException(message, Optional.of(wait), atOnce, true);
    }

    /** Another call might fare better, but the part may have no more. */
    static CallFailedException atLast(String message) {
        return new CallFailedException(message, Optional.empty(), false, true);
    }

    /** Whether the service would have failed another part likewise. */
    boolean isServicesFault() {
        return servicesFault;
    }

    /** How long to wait; empty when there is nothing to wait for. */
    Optional<Duration> delay() {
        return wait;
    }

    boolean isRepeatedAtOnce() {
        return atOnce;
    }
}
