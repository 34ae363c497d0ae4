/**
 * What all doors share: the shape of an error, and who may call what. No stack trace, class name or Redis
 * message reaches a client: whatever is not a {@link io.ancillary.http.ProblemException} is answered with a
 * sentence of its status, and logged here when it is ours to mend.
 */
@NullMarked
package io.ancillary.http;

import org.jspecify.annotations.NullMarked;
