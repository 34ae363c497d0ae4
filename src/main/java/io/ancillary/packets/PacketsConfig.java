package io.ancillary.packets;

import java.time.Duration;

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
}
