package io.ancillary.collation;

import java.time.Instant;

/**
 * A part that failed for good, of a collation that is held open for it.
 *
 * @param place where it stands in a listing
 */
public record DeadPart(PartName name, String error, Place place) {

    public Instant failedAt() {
        return Instant.ofEpochMilli(place.failedMillis());
    }

    /**
     * A place in the listing of dead parts: those whose collation had one fail last come first, and of one
     * collation those that failed last.
     *
     * @param collationMillis when a part of the collation failed last
     * @param collation names the collation and its life
     * @param failedMillis when this part failed
     */
    public record Place(long collationMillis, String collation, long failedMillis, int index) {
        public static final Place START = new Place(Long.MAX_VALUE, "", Long.MAX_VALUE, Integer.MAX_VALUE);
    }
}
