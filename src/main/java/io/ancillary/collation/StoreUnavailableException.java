package io.ancillary.collation;

/**
 * The store did not answer, or refused because of its own state. The call may have been carried out all the
 * same. Control flow, not a defect: it has no stack trace.
 */
public class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreUnavailableException(String message) {
        super(message, null, false, false);
    }
}
