package io.ancillary.packets;

/**
 * What a packet may be.
 *
 * @param maxPayload the longest payload, in Unicode code points
 * @param maxPackets the highest index
 * @param firstIndex the lowest index
 */
record PacketLimits(int maxPayload, int maxPackets, int firstIndex) {

    static PacketLimits of(PacketsConfig config) {
        return new PacketLimits(config.maxPayload(), config.maxPackets(), config.firstIndex());
    }
}
