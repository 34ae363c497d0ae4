package io.ancillary.delivery;

import java.net.URI;

/**
 * What is sent, and where to.
 *
 * @param body JSON, sent as it is
 */
public record Letter(URI to, String body) {
}
