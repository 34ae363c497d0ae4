/**
 * For trying it out, in dev mode only: a receiver that shows what it got. It keeps that in the embedded Redis,
 * so that it outlives live reload exactly as the resources do.
 */
@NullMarked
package io.ancillary.demo;

import org.jspecify.annotations.NullMarked;
