package io.ancillary.sessions;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import jakarta.inject.Singleton;

import io.ancillary.collation.Partitions;

/**
 * Makes the ids of sessions: the partition, then 128 bits that nobody can guess, since who knows the id may ask
 * how the session stands. Requests with one idempotency key go to one partition, where they find each other.
 */
@Singleton
class SessionIds {
    private static final int RADIX = 32;
    private static final int DIGITS = 13;

    private final Partitions partitions;
    private final SecureRandom random = new SecureRandom();

    SessionIds(Partitions partitions) {
        this.partitions = partitions;
    }

    String next(Optional<String> idempotencyKey) {
        int partition = idempotencyKey.map(partitions::numberOf)
                .orElseGet(() -> ThreadLocalRandom.current().nextInt(partitions.stores().size()));
        return partition + "-" + digits(random.nextLong()) + digits(random.nextLong());
    }

    private static String digits(long bits) {
        String digits = Long.toUnsignedString(bits, RADIX);
        return "0".repeat(DIGITS - digits.length()) + digits;
    }
}
