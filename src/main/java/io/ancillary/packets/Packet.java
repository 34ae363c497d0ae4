package io.ancillary.packets;

import java.util.Optional;

import io.ancillary.collation.Arrival;
import io.ancillary.http.ContentDigest;
import io.ancillary.http.ResourceId;

/** A packet that is well-formed. */
record Packet(ResourceId resource, int index, boolean last, String payload, Optional<String> callbackUrl) {

    Arrival toArrival() {
        String digest = ContentDigest.of(String.valueOf(last), callbackUrl.orElse(""), payload);
        return new Arrival(resource.text(), index, last, digest, payload, callbackUrl, Optional.empty());
    }
}
