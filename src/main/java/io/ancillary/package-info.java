/** Where the process begins. What it does is in the packages below, each of which says what it promises. */
@NullMarked
package io.ancillary;

import org.jspecify.annotations.NullMarked;
