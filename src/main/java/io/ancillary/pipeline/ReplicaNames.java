package io.ancillary.pipeline;

import java.security.SecureRandom;

/** Names that nobody had before: 60 random bits, in letters and digits that are not mistaken for one another. */
final class ReplicaNames {
    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int LENGTH = 12;

    private ReplicaNames() {
    }

    static String next() {
        return new SecureRandom().ints(LENGTH, 0, ALPHABET.length())
                .collect(StringBuilder::new, (name, i) -> name.append(ALPHABET.charAt(i)), StringBuilder::append)
                .toString();
    }
}
