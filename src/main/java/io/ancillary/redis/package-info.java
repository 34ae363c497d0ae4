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
 * What a part costs Redis is mostly what is read and written of its resource, and a string for each key and argument;
 * its journal entry and its output are the least of it. Parts of one resource mostly come together, so a
 * call names a resource once, and its script reads what is kept of it before the first of its parts and writes it after
 * the last: when each part was read and written by itself, 13 a call cost 1.6 times as much, and 64 about twice. CPU µs of
 * Redis per packet, accept to settled, 10 packets of 100 bytes a resource, without AOF and with everysec
 * ({@code ScriptBench}, on two cores):
 *
 * <pre>
 * parts a call  1    8   16  64  256
 * off            90  25  18  12  10
 * everysec      107  29  23  15  13
 * </pre>
 *
 * Most of what one part a call costs is waking up for it. More than the 64 that may travel together would save little, and
 * hold Redis for longer. What would not help: one XDEL for many entries saves a tenth of what they cost, and cannot say
 * which of them were there.
 * <p>
 * A session is one part, and pays for all that ten packets share. What its commands do is not half of that, the rest is Lua
 * handing them over, so what saves most is a command less: with its output in its collation instead of a sorted set, what
 * has just been written told instead of read again, places in {@code due}, {@code recent} and {@code flight} taken for
 * all of a call at once, one EXISTS to tell that none of a call's new keys is there yet, and what PEXPIRE answers instead of
 * one more look, 27 became 12, and 88 µs of Redis about 50. A version before the first of these has such an output in
 * both places, and looks for it in the set: where it runs beside this one, a service that repeats the output of a session
 * may be told by it that the session is gone, and the output is kept as a late one; its decision stays what it is.
 * <p>
 * Nobody waits for a settle, so while an answer is awaited it leaves behind the next one: more of them travel together.
 * <p>
 * Time that decides is Redis' own. Each call that takes something carries a not-after in it, so that one
 * which was given up and still waits in some buffer is refused, not carried out behind our back.
 */
@NullMarked
package io.ancillary.redis;

import org.jspecify.annotations.NullMarked;
