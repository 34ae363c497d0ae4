package io.ancillary.redis.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.junit.jupiter.api.Test;

import io.ancillary.bench.ProcessCpu;
import io.ancillary.bench.Settings;
import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Attempt;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Flow.Limits;
import io.ancillary.collation.Flow.Shape;
import io.ancillary.collation.Flow.Times;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;
import io.ancillary.redis.RedisFixture;
import io.ancillary.redis.ScriptCalls;

/**
 * What the scripts of the whole job cost Redis, by how many parts travel in a call, and what calling them costs the
 * caller: CPU µs per packet, 10 packets a resource, those of one resource one after another. The service lets no more than
 * 64 travel together; here the groups are made by hand, so that it shows what more would save. How many calls were made
 * Redis says. Outcomes are not read: those of resources this small come with the answer to their last packet.
 */
class ScriptBench {
    private static final int PACKETS = Integer.getInteger("bench.packets", 100_000);
    private static final int PACKETS_A_RESOURCE = 10;
    private static final int ROUND = 2560;
    private static final String PAYLOAD = "ab ".repeat(33) + "c";
    private static final Flow FLOW = new Flow("packets", new Shape(false, 1, false, false, false),
            new Limits(100_000, 100_000, 100_000, 100_000, 10_000_000, 1_000_000),
            new Times(Duration.ofHours(24), Duration.ofMinutes(1), Duration.ofHours(1)));
    private static final StoreSettings SETTINGS = new StoreSettings(1, Duration.ofMillis(500), Duration.ofHours(1),
            Duration.ofHours(24), Duration.ofHours(24));
    private static final Attempt ATTEMPT = new Attempt(Instant.ofEpochMilli(1_700_000_000_000L),
            new Attempt.Phases(0, 0, 1, 0), "127.0.0.1:8081", 200, "", "");

    /** Phases of the job, in their order. */
    private enum Phase {
        ACCEPT,
        COLLATE,
        SETTLE
    }

    private final ProcessCpu caller = new ProcessCpu(ProcessHandle.current().pid());
    private final long[] spent = new long[Phase.values().length];
    private int resources;

    @Test
    void measuresTheScripts_byPartsInACall() {
        assumeTrue(Settings.ofThisRun().wants("scripts"));
        System.out.printf("%-9s %6s %9s %9s %9s %9s %10s %9s %9s%n", "AOF", "parts", "accept", "collate", "settle",
                "redis µs", "scripts µs", "caller µs", "calls");
        for (String appendOnly : List.of("no", "yes")) {
            try (RedisFixture fixture = new RedisFixture("--appendonly", appendOnly)) {
                CollationStore store = fixture.store(SETTINGS);
                measure(fixture, store, 64, PACKETS);
                for (int parts : new int[] { 1, 8, 13, 16, 64, 256 }) {
                    int packets = parts < 8 ? PACKETS / 2 : PACKETS;
                    double callerMicros = measure(fixture, store, parts, packets);
                    double done = packets / ROUND * ROUND;
                    print(appendOnly, parts, callerMicros, inScripts(fixture, "usec") / done,
                            inScripts(fixture, "calls") / done);
                }
            }
        }
    }

    /** Gives the caller's CPU time. */
    private double measure(RedisFixture fixture, CollationStore store, int parts, int packets) {
        fixture.redis().command("FLUSHALL");
        fixture.redis().command("CONFIG", "RESETSTAT");
        Membership replica = answer(store.join("r" + resources));
        ScriptCalls scripts = fixture.scripts(replica, FLOW, SETTINGS);
        Arrays.fill(spent, 0);
        long before = caller.micros();
        int rounds = packets / ROUND;
        for (int round = 0; round < rounds; round++) {
            round(fixture, store, replica, scripts, parts);
        }
        for (int phase = 0; phase < spent.length; phase++) {
            spent[phase] /= rounds;
        }
        return (caller.micros() - before) / (double) (rounds * ROUND);
    }

    private void round(RedisFixture fixture, CollationStore store, Membership replica, ScriptCalls scripts,
            int parts) {
        List<Arrival> arrivals = new ArrayList<>();
        for (int n = 0; n < ROUND; n++) {
            int index = n % PACKETS_A_RESOURCE + 1;
            arrivals.add(new Arrival("resource-" + (resources + n / PACKETS_A_RESOURCE), index, index == PACKETS_A_RESOURCE,
                    "0123456789abcdef012345", PAYLOAD, Optional.empty(), Optional.empty()));
        }
        resources += ROUND / PACKETS_A_RESOURCE;
        List<Part> accepted = measured(fixture, Phase.ACCEPT, () -> inGroups(parts, arrivals,
                group -> answer(scripts.accept(group)))).stream().map(it -> ((Acceptance.Accepted) it).part()).toList();
        List<Delivery> ended = measured(fixture, Phase.COLLATE, () -> inGroups(parts, accepted,
                group -> answer(scripts.collate(group, new PartResult.Output("[3,4,1,4,2]"))))).stream()
                .filter(Collated.Ended.class::isInstance).map(it -> ((Collated.Ended) it).delivery()).toList();
        assertThat(ended).hasSize(ROUND / PACKETS_A_RESOURCE);
        int deliveries = Math.max(1, parts / PACKETS_A_RESOURCE);
        assertThat(measured(fixture, Phase.SETTLE, () -> inGroups(deliveries, ended,
                group -> RedisFixture.together(store, group,
                        delivery -> replica.settle(delivery, new Settlement.Delivered(ATTEMPT))))))
                .containsOnly(true);
    }

    private interface Work<T> {
        List<T> run();
    }

    private <T> List<T> measured(RedisFixture fixture, Phase phase, Work<T> work) {
        long cpu = micros(fixture);
        List<T> done = work.run();
        spent[phase.ordinal()] += micros(fixture) - cpu;
        return done;
    }

    /** Of Redis' only thread that counts, to the microsecond: a round is short beside a tick of the process' own clock. */
    private static long micros(RedisFixture fixture) {
        return fixture.redis().command("INFO", "cpu").lines()
                .filter(line -> line.startsWith("used_cpu_sys:") || line.startsWith("used_cpu_user:"))
                .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.indexOf(':') + 1)) * 1e6)).sum();
    }

    /** What of it is spent between the beginning and the end of a script: the rest is for getting calls and answers through. */
    private static double inScripts(RedisFixture fixture, String what) {
        return fixture.redis().command("INFO", "commandstats").lines().filter(line -> line.startsWith("cmdstat_evalsha:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll(".*[:,]" + what + "=(\\d+),.*", "$1"))).sum();
    }

    private static <I, A> List<A> inGroups(int size, List<I> items, Function<List<I>, List<A>> call) {
        List<A> answers = new ArrayList<>();
        for (int from = 0; from < items.size(); from += size) {
            answers.addAll(call.apply(items.subList(from, Math.min(items.size(), from + size))));
        }
        return answers;
    }

    private static <T> T answer(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void print(String appendOnly, int parts, double callerMicros, double scriptMicros, double calls) {
        double all = Arrays.stream(spent).sum() / (double) ROUND;
        System.out.printf(Locale.ROOT, "%-9s %6d %9.2f %9.2f %9.2f %9.2f %10.2f %9.2f %9.3f%n",
                appendOnly.equals("yes") ? "everysec" : "off", parts, perPacket(Phase.ACCEPT), perPacket(Phase.COLLATE),
                perPacket(Phase.SETTLE), all, scriptMicros, callerMicros, calls);
    }

    private double perPacket(Phase phase) {
        return spent[phase.ordinal()] / (double) ROUND;
    }
}
