package io.ancillary.redis;

import java.util.concurrent.CompletionException;

/** Completion stages wrap what failed them. */
final class Failures {

    private Failures() {
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
