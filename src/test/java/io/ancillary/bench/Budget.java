package io.ancillary.bench;

import java.util.Map;
import java.util.OptionalDouble;

/** What a figure may be at most. Nothing fails by it: speed depends on the machine, and is read by somebody. */
final class Budget {
    private static final double SCRIPT_CALLS = 0.1;
    private static final Map<String, Ratios> RATIOS = Map.of("intake", new Ratios(1.6, 1.9), "wholeJob",
            new Ratios(2.7, 3.1), "bulk", new Ratios(1.3, 1.5), "bulk2", new Ratios(1.3, 1.5), "sessions",
            new Ratios(5, 5.5));
    private static final Map<String, Map<Metric, Double>> OTHERS = Map.of(
            "intake", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "wholeJob", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "bulk", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "bulk2", Map.of(Metric.SCRIPT_CALLS, SCRIPT_CALLS),
            "latency at 100/s",
            Map.of(Metric.P50, 2.0, Metric.P99, 8.0, Metric.P50_TO_FLOOR, 1.5, Metric.P99_TO_FLOOR, 3.0),
            "latency at half load", Map.of(Metric.P99_TO_FLOOR, 10.0),
            "open packet beyond payload", Map.of(Metric.BYTES, 200.0),
            "open resource of 10", Map.of(Metric.BYTES, 1200.0));
    private static final double GROWTH_BY_PACKETS = 1.3;
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
            return OptionalDouble.of(scenario.endsWith("open resources") ? GROWTH_BY_RESOURCES : GROWTH_BY_PACKETS);
        }
        Double other = OTHERS.getOrDefault(scenario, Map.of()).get(metric);
        return other == null ? OptionalDouble.empty() : OptionalDouble.of(other);
    }
}
