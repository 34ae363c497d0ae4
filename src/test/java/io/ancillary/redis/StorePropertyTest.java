package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.StoreSettings;

/**
 * Whatever two replicas do, in whatever order, whichever of their calls are answered, late or repeated, and whoever dies
 * of it: Redis and the reference model answer the same, and all that was accepted comes to its end. A case follows from its
 * seed; {@code -Dancillary.test.seeds=17} runs that one, {@code 1-100000} as many.
 */
class StorePropertyTest {
    private static final String SEEDS = System.getProperty("ancillary.test.seeds", "1-600");
    /** So many cases that each kind of answer must be among them: else chance no longer leads where it should. */
    private static final int MANY = 600;
    private static final StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMinutes(7), Duration.ofMinutes(20),
            Duration.ofMinutes(30), Duration.ofHours(5));

    private static RedisFixture fixture;
    private static List<Line> lines;

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
        lines = List.of(fixture.line(SETTINGS), fixture.line(SETTINGS));
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @Test
    void answersAsTheReferenceModel_whateverTwoReplicasDo() {
        Set<String> seen = new TreeSet<>();

        seeds().forEach(seed -> new StoreScenario(seed,
                new TwinStores("seed " + seed, fixture, lines, SETTINGS, seen)).run());

        if (seeds().count() >= MANY) {
            assertThat(seen).contains("Accepted", "Repeated", "CONTENT_CONFLICT", "INDEX_BEYOND_LAST", "LAST_CONFLICT",
                    "RESOURCE_FINISHED", "OVER_CAPACITY", "HELD_UP", "IDEMPOTENCY_CONFLICT", "NO_WEBHOOK", "Lost", "Stale",
                    "Late",
                    "Added", "Ended", "Parked", "Taken", "TooLarge", "Conflict", "Gone", "COLLECTING", "CLOSING", "COMPLETED",
                    "INCOMPLETE", "INCOMPLETE out of time",
                    "ExpelledException", "StoreUnavailableException");
        }
    }

    private static LongStream seeds() {
        String[] bounds = SEEDS.split("-");
        return LongStream.rangeClosed(Long.parseLong(bounds[0]), Long.parseLong(bounds[bounds.length - 1]));
    }
}
