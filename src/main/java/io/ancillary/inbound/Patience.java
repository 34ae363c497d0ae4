package io.ancillary.inbound;

import java.time.Duration;

/**
 * How long a client may take.
 *
 * @param headers from a connection, or a request's first byte, to the last of its headers
 * @param body from there to the end of its body; of one that is streamed, between two pieces of it
 */
record Patience(Duration headers, Duration body) {
}
