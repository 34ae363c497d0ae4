/**
 * How this service calls others: one HTTP call, in as much time as it was given, of whose answer no more is read than
 * was asked for. Whatever the other side does, the call ends then, and nothing of it stays: not the connection, which
 * the next call would wait for, and no memory.
 */
@NullMarked
package io.ancillary.outbound;

import org.jspecify.annotations.NullMarked;
