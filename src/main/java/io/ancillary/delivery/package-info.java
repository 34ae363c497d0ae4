/**
 * How an outcome reaches a webhook: one POST at a time, and word of what came of it, until the receiver has it or the
 * schedule is used up. It is at least once: every attempt carries the same {@code webhook-id} and is signed anew, and a
 * receiver can tell the second time by it. Redirects are never followed.
 * <p>
 * One receiver does not delay another: {@code Endpoints} gives each a line of its own and no more of the room than it
 * leaves free, and leaves one alone that fails or asks for it. What cannot be kept in memory waits in the outbox; a place
 * there is a time, and those for one endpoint are set apart, so that a million of them do not come back at once.
 * <p>
 * An attempt is the whole exchange: an answer that breaks off, or does not end in time, is none. Vert.x' own client
 * makes the calls, not the REST client: the address that was checked is the one that is dialled, each phase is timed,
 * a body is sent in pieces, and an answer is read no further than 64 KiB, none of which the REST client lets us say.
 */
@NullMarked
package io.ancillary.delivery;

import org.jspecify.annotations.NullMarked;
