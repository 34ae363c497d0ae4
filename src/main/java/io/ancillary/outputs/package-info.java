/**
 * The door for outputs of parts that a remote processor has put off. It may come minutes or hours later, to any
 * replica, and after any restart: the token says which part it is for, and Redis what is still awaited. The first
 * output counts, and only one.
 */
@NullMarked
package io.ancillary.outputs;

import org.jspecify.annotations.NullMarked;
