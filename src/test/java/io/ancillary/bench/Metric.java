package io.ancillary.bench;

/** What is told of a scenario. */
enum Metric {
    THROUGHPUT("per s", "1/s", 0),
    REQUEST_P50("req p50", "ms", 1),
    REQUEST_P99("req p99", "ms", 1),
    REQUEST_P999("req p99.9", "ms", 1),
    SERVICE_CPU("service µs", "µs of CPU each", 1),
    REDIS_CPU("redis µs", "µs of CPU each", 1),
    CPU("all µs", "µs of CPU each", 1),
    BARE_CPU("bare µs", "µs of CPU each", 1),
    RATIO("ratio", "to bare", 2),
    RATIO_LEAST("least", "to bare", 2),
    RATIO_MOST("most", "to bare", 2),
    SCRIPT_CALLS("scripts", "calls each", 3),
    REFUSED("refused", "of a thousand", 1),
    ALLOCATED("alloc kB", "kB each", 1),
    HEAP("heap MB", "MB", 0),
    RESIDENT("RSS MB", "MB", 0),
    OUTCOMES("outcomes", "", 0),
    P50("p50 ms", "ms", 2),
    P99("p99 ms", "ms", 2),
    P999("p99.9 ms", "ms", 2),
    P50_TO_FLOOR("p50/floor", "to the floor's p50", 2),
    P99_TO_FLOOR("p99/floor", "to the floor's p99", 2),
    COUNT("count", "", 0),
    BYTES("bytes each", "bytes", 0),
    GROWTH("growth", "to the least", 2);

    private final String label;
    private final String unit;
    private final int decimals;

    Metric(String label, String unit, int decimals) {
        this.label = label;
        this.unit = unit;
        this.decimals = decimals;
    }

    /** As the head of a column. */
    String label() {
        return label;
    }

    String unit() {
        return unit;
    }

    int decimals() {
        return decimals;
    }
}
