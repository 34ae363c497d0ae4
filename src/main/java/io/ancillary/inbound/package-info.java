/**
 * What a client's connection may cost before there is a request to judge: how long it may take to say what it wants, and
 * how much of what it has not yet said whole is kept. HTTP servers bound one header, one body and how long nothing at all
 * comes; whoever sends a byte now and then is bounded by none of these, and a thousand bodies that are almost there are
 * a thousand times one.
 *
 * <p>
 * It is also where a request is turned away that would only wait, or most likely find no room: by its head alone, before
 * Vert.x makes anything of it. What that costs, a flood pays for most of what it sends.
 *
 * <p>
 * Netty's own extension point sees each connection as it is accepted, which Vert.x and Quarkus give no other way to. It
 * is switched on by a system property, {@code Main}'s to set; a service that is not packaged has no need of it.
 */
@NullMarked
package io.ancillary.inbound;

import org.jspecify.annotations.NullMarked;
