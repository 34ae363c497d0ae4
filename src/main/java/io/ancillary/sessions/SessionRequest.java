package io.ancillary.sessions;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A request to start a charging session that is well-formed. */
@RegisterForReflection
@JsonPropertyOrder({ "station_id", "driver_token", "callback_url" })
record SessionRequest(String stationId, String driverToken, String callbackUrl) {
}
