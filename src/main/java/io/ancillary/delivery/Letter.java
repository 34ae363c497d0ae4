package io.ancillary.delivery;

import java.net.URI;

/**
 * What is sent, and where to.
 *
 * @param trusted whether the operator chose the place, or a client
 * @param body JSON, sent as it is
 */
public record Letter(URI to, boolean trusted, String body) {
}
