/**
 * The pure core: what a part, a collation and an outcome are, which part is new, a repeat or a conflict, and
 * when a collation ends. Records and sealed types only; no CDI, no Redis, no Vert.x, no clock.
 * <p>
 * {@link io.ancillary.collation.CollationStore} and {@link io.ancillary.collation.Membership} are the port to
 * what keeps it all. It has two implementations that must never differ: the Lua scripts on Redis, and an
 * in-memory model beside the tests that is their oracle. Calls of the port are hot: what is asked for happens
 * whether or not anybody waits for the answer, because a client that hangs up has not taken its packet back.
 * <p>
 * What holds, for any order, repetition and interleaving: one collation per generation, each index's output in
 * it once, in index order, and one delivery at its end.
 */
@NullMarked
package io.ancillary.collation;

import org.jspecify.annotations.NullMarked;
