/**
 * What turns a part into an output. The processors here are pure functions; how many run at once, and what
 * happens when one fails, is the pipeline's business.
 */
@NullMarked
package io.ancillary.processing;

import org.jspecify.annotations.NullMarked;
