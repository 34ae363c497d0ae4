package io.ancillary.delivery;

import java.net.URI;

/**
 * Where an outcome goes.
 *
 * @param trusted whether the operator chose the place, or a client
 */
public record Target(URI to, boolean trusted) {
}
