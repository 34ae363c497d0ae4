package io.ancillary.redis;

import java.util.ArrayList;
import java.util.List;

import io.ancillary.collation.CollationId;

/**
 * The names of one partition's keys. All share its hash tag, and so one slot of a cluster. The digests of a
 * collation's first indices live in the collation's own hash, those beyond in chunks, because a hash stays in
 * its compact encoding only while it is small.
 */
record Keys(int partition, String prefix) {

    static final int DIGESTS_IN_COLLATION = 64;
    static final int DIGESTS_IN_CHUNK = 128;

    static Keys of(int partition) {
        return new Keys(partition, "anc:{" + partition + "}:");
    }

    String replicas() {
        return prefix + "replicas";
    }

    String meta() {
        return prefix + "meta";
    }

    String outbox() {
        return prefix + "outbox";
    }

    String due() {
        return prefix + "due";
    }

    String wake() {
        return prefix + "wake";
    }

    /** Dead parts, by collation. */
    String dead() {
        return prefix + "dead:parts";
    }

    /** Deliveries that were given up, by when. */
    String deadLetters() {
        return prefix + "dead:letters";
    }

    /** How much each replica holds. */
    String loads() {
        return prefix + "loads";
    }

    String journal(String replica) {
        return prefix + "journal:" + replica;
    }

    String flight(String replica) {
        return prefix + "flight:" + replica;
    }

    String accessTokens() {
        return prefix + "acl-tokens";
    }

    String accessOf(String stationId) {
        return prefix + "acl:" + stationId;
    }

    String recent(String flow) {
        return prefix + "recent:" + flow;
    }

    String idempotency(String flow, String key) {
        return prefix + "idem:" + flow + ":" + key;
    }

    String delivery(String deliveryId) {
        return prefix + "dlv:" + deliveryId;
    }

    String collation(CollationId id) {
        return of("res", id);
    }

    String outputs(CollationId id) {
        return of("out", id);
    }

    String waiting(CollationId id) {
        return of("wait", id);
    }

    String wakes(CollationId id) {
        return of("wakes", id);
    }

    String digests(CollationId id, int index) {
        return isInChunk(index) ? chunk(id, chunkOf(index)) : collation(id);
    }

    static boolean isInChunk(int index) {
        return index > DIGESTS_IN_COLLATION;
    }

    String chunk(CollationId id, int chunk) {
        return of("in", id) + ":" + chunk;
    }

    /** Every chunk that indices up to the highest one can have made. */
    List<String> chunks(CollationId id, int highest) {
        List<String> chunks = new ArrayList<>();
        for (int chunk = 0; highest > DIGESTS_IN_COLLATION && chunk <= chunkOf(highest); chunk++) {
            chunks.add(chunk(id, chunk));
        }
        return chunks;
    }

    /** Begins with its partition, so that whoever holds it knows where to look. */
    String deliveryId(String generation) {
        return partition + "-" + generation;
    }

    /** The generation of a resource whose id is of our own making, and so the same as that of its delivery. */
    static String generationOf(String resource) {
        return resource.substring(resource.indexOf('-') + 1);
    }

    static int firstOfChunk(int chunk) {
        return DIGESTS_IN_COLLATION + 1 + chunk * DIGESTS_IN_CHUNK;
    }

    private static int chunkOf(int index) {
        return (index - DIGESTS_IN_COLLATION - 1) / DIGESTS_IN_CHUNK;
    }

    private String of(String kind, CollationId id) {
        return prefix + kind + ":" + id.flow() + ":" + id.resource();
    }
}
