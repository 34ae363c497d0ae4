package io.ancillary.collation;

/** What came of having a delivery made once more. */
public enum Redelivery {
    /** It is due now, and all attempts are before it. */
    BEGUN,
    /**
     * An attempt is being made at this moment, or due; or it is not of the status from which it was to be begun, or not tried
     * yet.
     */
    UNCHANGED,
    /** There is no such delivery. */
    GONE
}
