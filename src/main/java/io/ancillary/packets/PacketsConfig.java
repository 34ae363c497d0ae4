package io.ancillary.packets;

import java.time.Duration;

import io.ancillary.processing.ServiceConfig;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What a packet may be. */
@ConfigMapping(prefix = "ancillary.packets")
public interface PacketsConfig {

    /** The longest payload, in Unicode code points. */
    @WithDefault("20000")
    int maxPayload();

    /** The highest packet index. */
    @WithDefault("100000")
    int maxPackets();

    /** The lowest packet index: 0 or 1. */
    @WithDefault("1")
    int firstIndex();

    /** How long packets may be missing after the one that says it is the last. */
    @WithDefault("60s")
    Duration gapTimeout();

    /** How long a resource may take in all, from its first packet. */
    @WithDefault("24h")
    Duration deadline();

    /** The ancillary service, where it is a remote one. */
    ServiceConfig service();

    /** How long a packet's output may be awaited once the service has put it off; then the packet is sent again. */
    @WithDefault("1h")
    Duration completionTimeout();

    /** What becomes of a resource one of whose packets failed for good. */
    @WithDefault("finish")
    OnFailure onFailure();

    /** The outputs of one resource together, in bytes; a packet whose output would be more has failed. */
    @WithDefault("64M")
    MemorySize maxOutput();

    /** What becomes of a resource one of whose packets failed for good. */
    enum OnFailure {
        /** It ends without that packet's output as soon as all others are in. */
        FINISH,
        /** It stays open until its deadline, for the operator to have the packet retried. */
        HOLD
    }
}
