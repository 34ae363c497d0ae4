package io.ancillary.bench;

import io.ancillary.testsupport.LightReceiver.Webhook;
import io.vertx.core.buffer.Buffer;

/**
 * The packets of resources that are all alike, and the outcomes that must come of them.
 *
 * @param prefix of each resource's id; no other packets may have it
 * @param ended whether the last packet of a resource says that it is the last
 */
record Packets(String prefix, int aResource, Words words, boolean ended) {
    private static final String BEGINNING = "{\"resource_id\":\"";

    /**
     * A payload.
     *
     * @param lengths of its words, as they stand in an output
     */
    record Words(String text, String lengths) {
        /** 100 bytes: ten words. */
        static final Words HUNDRED_BYTES = new Words("ninechars ".repeat(9) + "tencharsss", "9,".repeat(9) + "10");
        static final Words TEN_BYTES = new Words("tencharsss", "10");
        static final Words TEN_KILOBYTES = new Words("ninechars ".repeat(999) + "tencharsss", "9,".repeat(999) + "10");
        /** The largest output that leaves a sorted set compact: 55 bytes. */
        static final Words LARGEST_COMPACT = new Words("a ".repeat(26) + "a", "1,".repeat(26) + "1");
    }

    Packets(String prefix, int aResource) {
        this(prefix, aResource, Words.HUNDRED_BYTES, true);
    }

    /** Of resources whose last packet is never said to be the last, so that they stay open. */
    static Packets open(String prefix, int aResource, Words words) {
        return new Packets(prefix, aResource, words, false);
    }

    /** The n-th packet of all. */
    Buffer packet(int n) {
        return Buffer.buffer(json(n));
    }

    /** So many packets from the n-th on, a line each. */
    Buffer lines(int n, int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = n; i < n + count; i++) {
            lines.append(json(i)).append('\n');
        }
        return Buffer.buffer(lines.toString());
    }

    private String json(int n) {
        int index = n % aResource + 1;
        return BEGINNING + prefix + n / aResource + "\",\"payload\":\"" + words.text() + "\",\"packet_index\":" + index
                + ",\"last_chunk_flag\":" + (ended && index == aResource) + "}";
    }

    /** The number of a resource's last packet. */
    int last(int resource) {
        return (resource + 1) * aResource - 1;
    }

    /** The number of the resource of which this is the outcome, as it must be; -1 when it is that of none. */
    int resourceOf(Webhook webhook) {
        String outcome = webhook.body();
        String number = outcome.startsWith(BEGINNING + prefix)
                ? outcome.substring(BEGINNING.length() + prefix.length(), outcome.indexOf('"', BEGINNING.length()))
                : "";
        int resource = number.matches("\\d{1,9}") ? Integer.parseInt(number) : -1;
        return resource >= 0 && outcome.equals(outcome(resource)) ? resource : -1;
    }

    String outcome(int resource) {
        return BEGINNING + prefix + resource + "\",\"status\":\"completed\",\"packet_count\":" + aResource
                + ",\"output\":[" + words.lengths() + ("," + words.lengths()).repeat(aResource - 1) + "]}";
    }
}
