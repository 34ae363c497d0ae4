package io.ancillary.collation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.zip.CRC32;

/**
 * All partitions, and which of them a resource lives in. The assignment is fixed for ever by the CRC-32 of the
 * resource's id: what is in Redis was put there by it.
 */
public record Partitions(List<CollationStore> stores) {

    public Partitions {
        stores = List.copyOf(stores);
    }

    public CollationStore of(String resource) {
        return stores.get(numberOf(resource));
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
