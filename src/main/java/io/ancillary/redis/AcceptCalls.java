package io.ancillary.redis;

import static io.ancillary.redis.Calls.flag;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Part;
import io.vertx.redis.client.Response;

/**
 * Calls {@code accept.lua} for one flow. What several parts of one resource have in common is said once: Redis makes a
 * string for the script of each key and argument, used or not. On one thread.
 */
final class AcceptCalls {
    /** What a part has, besides what all have; the second of its two bytes. */
    private static final int LAST = 1;
    private static final int CALLBACK = 2;
    private static final int CHUNK = 4;
    private static final int IDEMPOTENCY_KEY = 8;

    private final Calls calls;
    private final Flow flow;
    private final List<String> keys;
    private final List<String> settings;
    private final Supplier<String> generations;

    /** @param generations gives one after another, each unlike any other for ever */
    AcceptCalls(Calls calls, Flow flow, Supplier<String> generations) {
        Keys of = calls.keys();
        this.calls = calls;
        this.flow = flow;
        this.generations = generations;
        this.keys = List.of(of.replicas(), of.journal(calls.replica()), of.meta(), of.recent(flow.name()), of.due());
        this.settings = List.of(flow.name(), String.valueOf(flow.limits().journal()), String.valueOf(flow.limits().open()),
                String.valueOf(flow.shape().firstIndex()), String.valueOf(flow.times().deadline().toMillis()),
                String.valueOf(flow.times().gapTimeout().toMillis()), flag(flow.shape().single()),
                flag(flow.shape().callbackRequired()), flag(flow.shape().hold()), String.valueOf(flow.limits().waiting()),
                String.valueOf(flow.limits().dead()), String.valueOf(flow.limits().undelivered()));
    }

    CompletionStage<List<Acceptance>> accept(List<Arrival> arrivals) {
        Group group = new Group();
        arrivals.forEach(group::add);
        return calls.run(Script.ACCEPT, group.declared(), group.arguments())
                .thenApply(reply -> acceptances(arrivals, group, reply));
    }

    private List<Acceptance> acceptances(List<Arrival> arrivals, Group group, Response reply) {
        String[] generations = Calls.words(reply.get(2));
        String[] answers = Calls.words(reply.get(3));
        if (generations.length != group.resources.size() || answers.length != arrivals.size()) {
            throw new IllegalStateException("the answers of one part cannot be told from another's");
        }
        List<Acceptance> acceptances = new ArrayList<>(answers.length);
        for (int i = 0; i < answers.length; i++) {
            acceptances.add(acceptance(arrivals.get(i), generations[group.resourceOf(i)], answers[i]));
        }
        return acceptances;
    }

    private Acceptance acceptance(Arrival arrival, String generation, String answer) {
        if (Character.isDigit(answer.charAt(0))) {
            return new Acceptance.Accepted(new Part(answer, new CollationId(flow.name(), arrival.resource()), generation,
                    arrival.index(), 0, 0, arrival.body()));
        }
        if (answer.startsWith("REPEATED")) {
            int other = answer.indexOf(':');
            return new Acceptance.Repeated(other < 0 ? arrival.resource() : answer.substring(other + 1));
        }
        return new Acceptance.Refused(Refusal.valueOf(answer));
    }

    private String newGeneration(String resource) {
        return flow.shape().single() ? Keys.generationOf(resource) : generations.get();
    }

    /** The arrivals of one call, as the script wants them. */
    private final class Group {
        private final Map<String, Integer> resources = new HashMap<>();
        private final List<String> collations = new ArrayList<>(keys);
        private final List<String> others = new ArrayList<>();
        private final List<String> lives = new ArrayList<>();
        private final List<String> parts = new ArrayList<>();
        private final StringBuilder shapes = new StringBuilder();

        void add(Arrival arrival) {
            CollationId id = new CollationId(flow.name(), arrival.resource());
            int resource = resources.computeIfAbsent(arrival.resource(), name -> {
                collations.add(calls.keys().collation(id));
                lives.add(name);
                lives.add(newGeneration(name));
                return resources.size();
            });
            parts.add(String.valueOf(arrival.index()));
            parts.add(arrival.digest());
            parts.add(arrival.body());
            int has = arrival.last() ? LAST : 0;
            if (arrival.callback().isPresent()) {
                has += CALLBACK;
                parts.add(arrival.callback().get());
            }
            if (Keys.isInChunk(arrival.index())) {
                has += CHUNK;
                others.add(calls.keys().digests(id, arrival.index()));
            }
            if (arrival.idempotencyKey().isPresent()) {
                has += IDEMPOTENCY_KEY;
                others.add(calls.keys().idempotency(flow.name(), arrival.idempotencyKey().get()));
            }
            // One byte each: a call has no more resources than parts, and those are GroupCommit.MOST_ITEMS at most.
            shapes.append((char) resource).append((char) has);
        }

        int resourceOf(int part) {
            return shapes.charAt(2 * part);
        }

        List<String> declared() {
            collations.addAll(others);
            return collations;
        }

        List<String> arguments() {
            List<String> arguments = new ArrayList<>(4 + settings.size() + lives.size() + parts.size());
            arguments.add(calls.replica());
            arguments.add(calls.notAfter());
            arguments.addAll(settings);
            arguments.add(shapes.toString());
            arguments.add(String.valueOf(resources.size()));
            arguments.addAll(lives);
            arguments.addAll(parts);
            return arguments;
        }
    }
}
