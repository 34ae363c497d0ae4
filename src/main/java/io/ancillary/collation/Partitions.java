package io.ancillary.collation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * All partitions, and which of them a resource lives in. The assignment is fixed for ever by the CRC-32 of the
 * resource's id: what is in Redis was put there by it.
 */
public record Partitions(List<CollationStore> stores) {
    private static final Pattern OWN_ID = Pattern.compile("(0|[1-9][0-9]{0,3})-[0-9a-z-]{1,60}");

    public Partitions {
        stores = List.copyOf(stores);
    }

    public CollationStore of(String resource) {
        return stores.get(numberOf(resource));
    }

    /** The partition that an id of our own making begins with; empty when it is none of ours. */
    public Optional<CollationStore> named(String id) {
        return numberIn(id).map(stores::get);
    }

    /** The number of the partition that an id of our own making begins with. */
    public Optional<Integer> numberIn(String id) {
        return Optional.of(OWN_ID.matcher(id)).filter(java.util.regex.Matcher::matches)
                .map(match -> Integer.parseInt(match.group(1))).filter(number -> number < stores.size());
    }

    public int numberOf(String resource) {
        if (stores.size() == 1) {
            return 0;
        }
        CRC32 crc = new CRC32();
        crc.update(resource.getBytes(UTF_8));
        return (int) (crc.getValue() % stores.size());
    }
}
