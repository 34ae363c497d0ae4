package io.ancillary.redis;

import java.util.ArrayList;
import java.util.List;

import io.ancillary.collation.CollationId;

/** The keys of one life of one resource, in the order in which the scripts want them. */
final class ResourceKeys {

    private ResourceKeys() {
    }

    /** All: collation, outputs, delivery, wait, wakes, and whatever else there is. They go together. */
    static List<String> all(Keys keys, CollationId id, String generation, int highest) {
        List<String> all = new ArrayList<>(withAside(keys, id, generation));
        all.addAll(keys.chunks(id, highest));
        return all;
    }

    /** Collation, outputs, delivery, wait, wakes. */
    static List<String> withAside(Keys keys, CollationId id, String generation) {
        return List.of(keys.collation(id), keys.outputs(id), keys.delivery(keys.deliveryId(generation)), keys.waiting(id),
                keys.wakes(id));
    }

    /** Collation, outputs, delivery. */
    static List<String> main(Keys keys, CollationId id, String generation) {
        return List.of(keys.collation(id), keys.outputs(id), keys.delivery(keys.deliveryId(generation)));
    }

    /** What is left once it has ended, besides collation and delivery. */
    static List<String> ofEnded(Keys keys, CollationId id, int highest) {
        List<String> others = new ArrayList<>();
        others.add(keys.outputs(id));
        others.addAll(keys.chunks(id, highest));
        return others;
    }
}
