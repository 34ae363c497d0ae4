/**
 * What an operator sees of the service: readiness, metrics, and what was wrong with its configuration.
 */
@NullMarked
package io.ancillary.operate;

import org.jspecify.annotations.NullMarked;
