package io.ancillary.bench;

import java.util.EnumMap;
import java.util.Map;

import org.HdrHistogram.Histogram;

/**
 * The figures of one scenario.
 *
 * @param aof how Redis kept its append-only file meanwhile
 */
record Result(String scenario, String aof, Map<Metric, Double> figures) {
    private static final double NANOS_A_MILLI = 1e6;
    private static final int ENOUGH = 10_000;

    static Result of(String scenario, String aof) {
        return new Result(scenario, aof, new EnumMap<>(Metric.class));
    }

    Result with(Metric metric, double value) {
        figures.put(metric, value);
        return this;
    }

    /** Three percentiles, as these metrics; the last only where at least ten values are above it. */
    Result with(Histogram nanos, Metric p50, Metric p99, Metric p999) {
        with(p50, millis(nanos, 50)).with(p99, millis(nanos, 99));
        return nanos.getTotalCount() < ENOUGH ? this : with(p999, millis(nanos, 99.9));
    }

    static double millis(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / NANOS_A_MILLI;
    }
}
