/**
 * Where the process begins: what is wrong with the configuration is said before anything starts. What the service
 * does is in the packages below, each of which says what it promises.
 */
@NullMarked
package io.ancillary;

import org.jspecify.annotations.NullMarked;
