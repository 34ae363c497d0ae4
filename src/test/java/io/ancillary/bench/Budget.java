package io.ancillary.bench;

import java.util.Map;
import java.util.OptionalDouble;

/** What a figure may be at most. Nothing fails by it: speed depends on the machine, and is read by somebody. */
final class Budget {
    private static final double SCRIPT_CALLS = 0.1;
    /** Where a packet finds nobody to travel with: two of its own, and one that settles the delivery of ten. */
    private static final double CALLS_ALONE = 2.1;
    private static final Map<String, Ratios> RATIOS = Map.of("intake", new Ratios(1.6, 1.9), "wholeJob",
            new Ratios(2.7, 3.1), "bulk", new Ratios(1.3, 1.5), "bulk2", new Ratios(1.3, 1.5), "sessions",
            new Ratios(5, 5.5));
    private static final Map<String, Map<Metric, Double>> OTHERS = Map.of(
            "intake", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "wholeJob", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "bulk", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "bulk2", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "latency at 100/s",
            Map.of(Metric.P50, 2.0, Metric.P99, 8.0, Metric.P50_TO_FLOOR, 1.5, Metric.P99_TO_FLOOR, 3.0,
                    Metric.SCRIPT_CALLS, CALLS_ALONE),
            "latency at half load", Map.of(Metric.P99_TO_FLOOR, 10.0),
            "open packet beyond payload", Map.of(Metric.BYTES, 200.0),
            "open resource of 10", Map.of(Metric.BYTES, 1200.0));
    /** One packet a resource has a webhook of its own, and payloads are as large as they are: those have none. */
    private static final Map<String, Double> GROWTH = Map.of("1000 packets a resource", 1.3, "10000 packets a resource", 1.3);
    private static final double GROWTH_BY_RESOURCES = 1.2;

    private record Ratios(double withoutAof, double everysec) {
    }

    private Budget() {
    }

    static OptionalDouble of(String scenario, String aof, Metric metric) {
        if (metric == Metric.RATIO && RATIOS.containsKey(scenario)) {
            Ratios ratios = RATIOS.get(scenario);
            return switch (aof) {
                case "off" -> OptionalDouble.of(ratios.withoutAof());
                case "everysec" -> OptionalDouble.of(ratios.everysec());
                default -> OptionalDouble.empty();
            };
        }
        if (metric == Metric.GROWTH) {
            return scenario.endsWith("open resources") ? OptionalDouble.of(GROWTH_BY_RESOURCES)
                    : optional(GROWTH.get(scenario));
        }
        return optional(OTHERS.getOrDefault(scenario, Map.of()).get(metric));
    }

    private static OptionalDouble optional(Double other) {
        return other == null ? OptionalDouble.empty() : OptionalDouble.of(other);
    }
}
