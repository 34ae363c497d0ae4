package io.ancillary.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a run measures, from system properties: {@code bench.only} (scenarios by name, all by default),
 * {@code bench.repeats} (5), {@code bench.packets} in each measurement (30,000: whole bodies of many), {@code bench.redis} (the
 * URL of a Redis to be
 * used as it is configured, instead of one of the benchmark's own), {@code bench.full} (a million open resources instead of a
 * hundred thousand) and {@code bench.profile} (a flight recording of each measurement).
 */
public record Settings(List<String> only, int repeats, int packets, Optional<String> redis, boolean full, boolean profile) {
    static final Path DIRECTORY = Path.of("target", "bench").toAbsolutePath();
    /** The service bounds the bytes it holds in memory, and intake leaves all of it there. */
    private static final int MOST_KEPT = 300_000;
    private static final List<String> SCENARIOS = List.of("bare", "bareExpress", "intake", "wholeJob", "bulk", "bulk2",
            "singles", "sessions", "latency", "memory", "growth", "scripts");

    public static Settings ofThisRun() {
        String only = System.getProperty("bench.only", "");
        return new Settings(only.isBlank() ? List.of() : List.of(only.split(" *, *")),
                number("bench.repeats", 5), number("bench.packets", 30_000),
                Optional.ofNullable(System.getProperty("bench.redis")), Boolean.getBoolean("bench.full"),
                Boolean.getBoolean("bench.profile"));
    }

    /** What is no number is no default either. */
    private static int number(String name, int byDefault) {
        String given = System.getProperty(name, String.valueOf(byDefault));
        try {
            return Integer.parseInt(given);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number, and is " + given, e);
        }
    }

    public Settings {
        only.stream().filter(name -> !SCENARIOS.contains(name)).findAny().ifPresent(unknown -> {
            throw new IllegalArgumentException("bench.only: there is no " + unknown + ", but " + SCENARIOS);
        });
        if (repeats < 1 || packets < 10_000) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "%d repeats of %,d packets measure nothing: 1 of 10,000 is the least, in multiples of %,d", repeats,
                    packets,
                    Jobs.PACKETS_A_BODY));
        }
        if (packets % Jobs.PACKETS_A_BODY != 0) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "bench.packets: %,d do not fill bodies of %,d, as bulk sends them", packets, Jobs.PACKETS_A_BODY));
        }
        if (wants(only, "intake") && 2L * repeats * packets > MOST_KEPT) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "%d repeats of %,d packets, without and with an append-only file, are more than the %,d that intake can keep",
                    repeats, packets, MOST_KEPT));
        }
    }

    /** What of it says how much the figures are worth. */
    Map<String, Object> chosen() {
        return Map.of("only", only, "repeats", repeats, "packets", packets, "full", full, "givenRedis", redis.isPresent());
    }

    boolean wantsAny(List<String> scenarios) {
        return scenarios.stream().anyMatch(this::wants);
    }

    public boolean wants(String scenario) {
        return wants(only, scenario);
    }

    private static boolean wants(List<String> only, String scenario) {
        return only.isEmpty() || only.contains(scenario);
    }
}
