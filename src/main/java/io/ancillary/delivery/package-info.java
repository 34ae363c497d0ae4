/**
 * How an outcome reaches a webhook: one POST, a few quick repetitions, and word of how it ended. What fails
 * beyond that goes back to the outbox with a wait that grows, so that a receiver that is down for hours costs a
 * call now and then, and no memory here.
 * <p>
 * Every attempt of a delivery carries the same {@code webhook-id}: a webhook sees an outcome at least once, and
 * can tell the second time by it. Redirects are never followed.
 */
@NullMarked
package io.ancillary.delivery;

import org.jspecify.annotations.NullMarked;
