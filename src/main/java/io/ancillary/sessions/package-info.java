/**
 * The door for charging sessions and their flow. A request to start one is a collation of a single part: it is
 * accepted like a packet, decided by the authorization service in the pipeline, never in the request, and its
 * decision is delivered to the callback URL that came with it. When time runs out first, the deadline decides:
 * {@code unknown}. Either way there is one decision, and Redis says which.
 */
@NullMarked
package io.ancillary.sessions;

import org.jspecify.annotations.NullMarked;
