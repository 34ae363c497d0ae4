/**
 * The collation store on Redis. Every change of state is one Lua script ({@code src/main/resources/lua}), which
 * declares all its keys, touches one partition, takes 1..n parts and may be repeated; the protocol stands above
 * each script.
 * <p>
 * A partition has one pipelined connection of its own, not the pool's: a pooled connection per command cost
 * about 67 µs of CPU a request here, this about 37 µs with what arrives during a call travelling together in
 * the next ({@link io.ancillary.redis.GroupCommit}). One connection also gives one order: what was asked later
 * is answered later, and the recovery in {@code pipeline} leans on that.
 * <p>
 * Time that decides is Redis' own. Each call that takes something carries a not-after in it, so that one
 * which was given up and still waits in some buffer is refused, not carried out behind our back.
 */
@NullMarked
package io.ancillary.redis;

import org.jspecify.annotations.NullMarked;
