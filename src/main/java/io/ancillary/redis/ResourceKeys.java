package io.ancillary.redis;

import java.util.ArrayList;
import java.util.List;

import io.ancillary.collation.CollationId;

/** All keys of one life of one resource, its collation first: they go together. */
final class ResourceKeys {

    private ResourceKeys() {
    }

    static List<String> of(Keys keys, CollationId id, String generation, int highest) {
        List<String> all = new ArrayList<>();
        all.add(keys.collation(id));
        all.addAll(besidesCollation(keys, id, generation, highest));
        return all;
    }

    private static List<String> besidesCollation(Keys keys, CollationId id, String generation, int highest) {
        List<String> others = new ArrayList<>();
        others.add(keys.outputs(id));
        others.add(keys.delivery(keys.deliveryId(generation)));
        others.addAll(keys.chunks(id, highest));
        return others;
    }
}
