package io.ancillary.bench;

import io.vertx.core.buffer.Buffer;

/** The packets of resources that are all alike, and the outcomes that must come of them. */
record Packets(String prefix, int aResource) {
    /** 100 bytes: ten words of nine letters. */
    private static final String PAYLOAD = "ninechars ".repeat(9) + "tencharsss";
    private static final String BEGINNING = "{\"resource_id\":\"";
    private static final String LENGTHS = "9,".repeat(9) + "10";

    /** The n-th packet of all. */
    Buffer packet(int n) {
        int index = n % aResource + 1;
        return Buffer.buffer(BEGINNING + prefix + n / aResource + "\",\"payload\":\"" + PAYLOAD
                + "\",\"packet_index\":" + index + ",\"last_chunk_flag\":" + (index == aResource) + "}");
    }

    /** The number of a resource's last packet. */
    int last(int resource) {
        return (resource + 1) * aResource - 1;
    }

    /** The number of the resource of which this is the outcome, as it must be; -1 when it is that of none. */
    int resourceOf(String outcome) {
        String number = outcome.startsWith(BEGINNING + prefix)
                ? outcome.substring(BEGINNING.length() + prefix.length()).replaceAll("\".*", "")
                : "";
        int resource = number.matches("\\d{1,9}") ? Integer.parseInt(number) : -1;
        return resource >= 0 && outcome.equals(outcome(resource)) ? resource : -1;
    }

    private String outcome(int resource) {
        return BEGINNING + prefix + resource + "\",\"status\":\"completed\",\"packet_count\":" + aResource
                + ",\"output\":[" + LENGTHS + ("," + LENGTHS).repeat(aResource - 1) + "]}";
    }
}
