package io.ancillary.collation;

/** The store was laid out by another version, or for another number of partitions. */
public class FormatMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public FormatMismatchException(String message) {
        super(message, null, false, false);
    }
}
