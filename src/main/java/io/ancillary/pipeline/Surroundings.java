package io.ancillary.pipeline;

import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import io.ancillary.delivery.Deliverer;

/**
 * What every tenure of this process works with.
 *
 * @param concurrency parts in processing, per lane
 * @param mostBytes of what is delivered
 * @param alone where parts wait that must be the only ones of their kind in a turn, in this process
 * @param timer runs a task after a while, on any thread
 * @param nanos time that only passes
 */
record Surroundings(Map<String, FlowDefinition> flows, Deliverer webhooks, EngineEvents events, int concurrency,
        long mostBytes, Line alone, BiConsumer<Duration, Runnable> timer, LongSupplier nanos) {
}
