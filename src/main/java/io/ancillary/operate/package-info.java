/**
 * What an operator sees of the service: readiness and metrics.
 */
@NullMarked
package io.ancillary.operate;

import org.jspecify.annotations.NullMarked;
