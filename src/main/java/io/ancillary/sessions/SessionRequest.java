package io.ancillary.sessions;

/** A request to start a charging session that is well-formed. */
record SessionRequest(String stationId, String driverToken, String callbackUrl) {
}
