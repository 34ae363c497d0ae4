/**
 * What all doors share: the shape of an error, and who may call what. No stack trace, class name or Redis
 * message reaches a client: whatever is not a {@link io.ancillary.http.ProblemException} is answered with a
 * sentence of its status, and logged here when it is ours to mend.
 * <p>
 * Doors are classes of JAX-RS. Where ten thousand requests a second come, an {@link io.ancillary.http.ExpressLane} beside
 * one takes those that are as most are, and a {@link io.ancillary.http.Gate} before it turns away those for which there is
 * no room.
 */
@NullMarked
package io.ancillary.http;

import org.jspecify.annotations.NullMarked;
