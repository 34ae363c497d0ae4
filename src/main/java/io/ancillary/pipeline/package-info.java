/**
 * The life of a part: accept, process, collate, deliver, recover.
 * <p>
 * {@link io.ancillary.pipeline.Engine} is the door's way in. For each partition a
 * {@link io.ancillary.pipeline.Replica} keeps a place among the replicas; what it holds while it keeps one name
 * is its {@link io.ancillary.pipeline.Tenure}: parts in {@link io.ancillary.pipeline.Lane lanes}, one a flow,
 * and deliveries with the {@link io.ancillary.pipeline.Courier}. A replica that was declared dead drops the
 * tenure whole, and whatever still comes in for it finds nobody. All of a partition happens on the one thread
 * on which its store answers, so nothing here needs a lock.
 * <p>
 * What is in memory is only a copy of what the store holds: when an answer was lost, the tenure reads its own
 * journal and deliveries and adopts what it lacks. Nothing polls on the way of a part.
 * <p>
 * Two things even out what chance and clients do: {@link io.ancillary.pipeline.Sharing} gives parts that wait to
 * replicas that hold less, and a lane singles out, death by death, the part of which replicas die.
 * <p>
 * How to add a flow: one class, a bean that implements {@link io.ancillary.pipeline.FlowDefinition}. It says what its
 * collations look like and when they must have ended ({@code flow()}), what becomes of a part ({@code process}), and
 * how an outcome reads ({@code body}) and where it goes. A door of its own makes an
 * {@link io.ancillary.collation.Arrival} of each request and gives it to the engine; everything between and after,
 * repeats, deadlines, take-overs, deliveries, is here already.
 */
@NullMarked
package io.ancillary.pipeline;

import org.jspecify.annotations.NullMarked;
