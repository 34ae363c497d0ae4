package io.ancillary.redis;

import io.ancillary.collation.CollationStore;

/** A connection to Redis, and the clock by which its replica says until when a call may be carried out. */
record Line(CollationStore store, SenderClock clock) {
}
