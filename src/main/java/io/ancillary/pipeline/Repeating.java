package io.ancillary.pipeline;

import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.StoreUnavailableException;

/** Which failed calls to the store are worth repeating. */
final class Repeating {

    private Repeating() {
    }

    static boolean isWorthIt(Throwable failure) {
        return failure instanceof StoreUnavailableException && !(failure instanceof ExpelledException);
    }
}
