package io.ancillary.bench;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

import io.vertx.core.json.JsonObject;

/**
 * All results of a run, as tables for who reads them, and as {@code results.csv} (a line a figure) and
 * {@code results.json} in {@code target/bench}.
 */
final class Report {
    private final Map<Table, List<Result>> results = new EnumMap<>(Table.class);
    private final Settings settings;
    private final Map<String, Object> measured = new LinkedHashMap<>();
    private String outcome = "unfinished";

    Report(Settings settings) {
        this.settings = settings;
    }

    /** What is told side by side. */
    enum Table {
        CPU(Metric.THROUGHPUT, Metric.REQUEST_P50, Metric.REQUEST_P99, Metric.REQUEST_P999, Metric.SERVICE_CPU,
                Metric.REDIS_CPU, Metric.CPU, Metric.BARE_CPU, Metric.RATIO, Metric.RATIO_LEAST, Metric.RATIO_MOST,
                Metric.SCRIPT_CALLS,
                Metric.REFUSED, Metric.ALLOCATED, Metric.HEAP, Metric.RESIDENT),
        LATENCY(Metric.THROUGHPUT, Metric.OUTCOMES, Metric.P50, Metric.P99, Metric.P999, Metric.P50_TO_FLOOR,
                Metric.P99_TO_FLOOR, Metric.SCRIPT_CALLS, Metric.REFUSED),
        MEMORY(Metric.COUNT, Metric.BYTES),
        GROWTH(Metric.THROUGHPUT, Metric.SERVICE_CPU, Metric.REDIS_CPU, Metric.CPU, Metric.BARE_CPU, Metric.RATIO,
                Metric.GROWTH, Metric.REFUSED);

        private final List<Metric> columns;

        Table(Metric... columns) {
            this.columns = List.of(columns);
        }
    }

    /** Tells it at once, so that who waits sees something. */
    void add(Table table, Result result) {
        results.computeIfAbsent(table, first -> new ArrayList<>()).add(result);
        System.out.printf("%s, AOF %s: %s%n", result.scenario(), result.aof(), result.figures());
    }

    /** What is measured; all rigs of a run are alike. */
    void of(Rig rig) {
        measured.put("redis", rig.redis().stats().version());
        measured.put("jvm", rig.jvm());
    }

    void succeeded() {
        outcome = "complete";
    }

    /** The figures until then stand, and are to be believed no more than that. */
    void failed(Throwable why) {
        outcome = "failed: " + why;
    }

    void print() {
        System.out.printf("%n%s%n%s%n%s%n", outcome, Machine.describe(), measured);
        results.forEach((table, rows) -> {
            List<List<String>> cells = new ArrayList<>();
            cells.add(Stream.concat(Stream.of("", "AOF"), table.columns.stream().map(Metric::label)).toList());
            rows.forEach(row -> cells.add(cells(table, row)));
            System.out.printf("%n%s (at most, in brackets; ! where it is more)%n%s", table.name().toLowerCase(Locale.ROOT),
                    aligned(cells));
        });
    }

    private static List<String> cells(Table table, Result row) {
        return Stream.concat(Stream.of(row.scenario(), row.aof()), table.columns.stream().map(metric -> cell(row, metric)))
                .toList();
    }

    private static String cell(Result row, Metric metric) {
        Double value = row.figures().get(metric);
        if (value == null) {
            return "-";
        }
        OptionalDouble budget = Budget.of(row.scenario(), row.aof(), metric);
        String text = text(metric, value);
        return budget.isPresent() ? text + " (" + new BigDecimal(Double.toString(budget.getAsDouble()))
                .stripTrailingZeros().toPlainString() + (value > budget.getAsDouble() ? ") !" : ")") : text;
    }

    private static String text(Metric metric, double value) {
        return String.format(Locale.ROOT, "%." + metric.decimals() + "f", value);
    }

    private static String aligned(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width = rows.stream().mapToInt(any -> any.get(at).length()).max().orElse(1);
                text.append(String.format(column < 2 ? "%-" + width + "s  " : "%" + width + "s  ", row.get(column)));
            }
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    void write() throws IOException {
        Files.createDirectories(Settings.DIRECTORY);
        Files.writeString(Settings.DIRECTORY.resolve("results.csv"), csv());
        Files.writeString(Settings.DIRECTORY.resolve("results.json"), json());
    }

    private String csv() {
        StringBuilder csv = new StringBuilder("scenario,aof,metric,value,unit,budget\n");
        results.values().stream().flatMap(List::stream).forEach(row -> row.figures().forEach((metric, value) -> {
            OptionalDouble budget = Budget.of(row.scenario(), row.aof(), metric);
            csv.append(row.scenario()).append(',').append(row.aof()).append(',').append(name(metric)).append(',')
                    .append(value).append(',').append(metric.unit()).append(',')
                    .append(budget.isPresent() ? budget.getAsDouble() : "").append('\n');
        }));
        return csv.toString();
    }

    private String json() {
        List<JsonObject> rows = results.values().stream().flatMap(List::stream).map(Report::json).toList();
        return new JsonObject().put("outcome", outcome).put("machine", Machine.describe()).put("service", measured)
                .put("settings", settings.chosen()).put("results", rows).encodePrettily() + "\n";
    }

    private static JsonObject json(Result row) {
        Map<String, Object> figures = new LinkedHashMap<>();
        row.figures().forEach((metric, value) -> {
            JsonObject figure = new JsonObject().put("value", value).put("unit", metric.unit());
            Budget.of(row.scenario(), row.aof(), metric).ifPresent(budget -> figure.put("budget", budget));
            figures.put(name(metric), figure);
        });
        return new JsonObject().put("scenario", row.scenario()).put("aof", row.aof()).put("figures", figures);
    }

    private static String name(Metric metric) {
        return metric.name().toLowerCase(Locale.ROOT);
    }
}
