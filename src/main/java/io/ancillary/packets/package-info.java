/**
 * The packets' door and their flow: a packet is read and judged as it arrives, accepted by the engine, turned
 * into word lengths by the built-in ancillary service, and collated with the others of its resource.
 * <p>
 * The JSON is read token by token straight into a {@link io.ancillary.packets.Packet}: types are strict, all
 * that is wrong is said at once, and nothing that is not needed is built.
 */
@NullMarked
package io.ancillary.packets;

import org.jspecify.annotations.NullMarked;
