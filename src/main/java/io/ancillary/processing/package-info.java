/**
 * What turns a part into an output: the built-in processors, which are pure functions, and the remote ones, behind
 * HTTP.
 * <p>
 * A remote service may answer a part at once or later: then the part waits in Redis, and costs nothing here. What a
 * service is spared and what a part is spared are two things. The part has so many attempts, each a call that
 * reached the service; the service has so many calls at once, and none while its breaker is open. Neither is paid
 * for with the other. How many parts run at once, and what happens when one fails for good, is the pipeline's
 * business.
 * <p>
 * Calls are made by Vert.x' own client, not the REST client: an answer is read no further than an output may be
 * long, which the REST client would gather whole.
 */
@NullMarked
package io.ancillary.processing;

import org.jspecify.annotations.NullMarked;
