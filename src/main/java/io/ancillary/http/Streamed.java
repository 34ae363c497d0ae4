package io.ancillary.http;

/** Which bodies are read as they come, and so may be of any length, and take any time as long as more comes. */
public final class Streamed {
    /** Where packets are taken in by the thousand. */
    public static final String PACKETS = "/api/v1/ancillary/packets";

    private Streamed() {
    }

    /** Whether that of a request to this path is; with its query or without. */
    public static boolean is(String path) {
        int end = PACKETS.length();
        return path.startsWith(PACKETS) && (path.length() == end || path.charAt(end) == '?'
                || (path.charAt(end) == '/' && (path.length() == end + 1 || path.charAt(end + 1) == '?')));
    }
}
