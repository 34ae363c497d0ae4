package io.ancillary.redis;

import static io.ancillary.redis.Calls.flag;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

import org.jboss.logging.Logger;

import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.OutcomePage;
import io.ancillary.collation.Part;
import io.ancillary.collation.Snapshot;
import io.vertx.redis.client.Response;

/** Calls {@code collate.lua} for one flow, the parts of one resource together. */
final class CollateCalls {
    private static final Logger LOG = Logger.getLogger(CollateCalls.class);

    private final Calls calls;
    private final boolean single;
    private final boolean aside;
    private final List<String> keys;
    private final List<String> settings;

    /** @param aside whether the keys of what is kept aside are declared */
    CollateCalls(Calls calls, Flow flow, boolean aside) {
        Keys of = calls.keys();
        this.calls = calls;
        this.single = flow.shape().single();
        this.aside = aside;
        this.keys = List.of(of.replicas(), of.journal(calls.replica()), of.meta(), of.flight(calls.replica()), of.wake(),
                of.dead());
        this.settings = List.of(flow.name(), flag(single), flag(aside),
                String.valueOf(flow.limits().outputBytes()), String.valueOf(flow.times().completion().toMillis()),
                of.deliveryId(""), String.valueOf(Delivery.FEW), String.valueOf(Delivery.SHORT));
    }

    /** A processed part, and its result as the script wants it. */
    record Processed(Part part, String output) {
    }

    /** Empty for a part of which nothing could be said without the keys of what is kept aside. */
    CompletionStage<List<Optional<Collated>>> collate(List<Processed> group) {
        Map<String, List<Integer>> lives = new LinkedHashMap<>();
        for (int i = 0; i < group.size(); i++) {
            lives.computeIfAbsent(group.get(i).part().generation(), life -> new ArrayList<>()).add(i);
        }
        List<String> declared = new ArrayList<>(keys);
        List<String> args = new ArrayList<>(List.of(calls.replica(), calls.notAfter()));
        args.addAll(settings);
        lives.forEach((generation, places) -> {
            CollationId id = group.get(places.get(0)).part().id();
            declared.addAll(aside ? ResourceKeys.withAside(calls.keys(), id, generation)
                    : ResourceKeys.main(calls.keys(), id, generation));
            args.add(id.resource());
            args.add(generation);
            args.add(String.valueOf(places.size()));
            for (int place : places) {
                Processed processed = group.get(place);
                args.add(processed.part().entry());
                args.add(String.valueOf(processed.part().index()));
                args.add(processed.output());
            }
        });
        int[] order = lives.values().stream().flatMap(List::stream).mapToInt(Integer::intValue).toArray();
        return calls.run(Script.COLLATE, declared, args).thenApply(reply -> collated(group, order, reply));
    }

    /** @param order the place in the group of each part that the reply speaks of */
    private List<Optional<Collated>> collated(List<Processed> group, int[] order, Response reply) {
        String[] words = Calls.words(reply.get(2));
        List<Optional<Collated>> answers = new ArrayList<>(Collections.nCopies(words.length, Optional.empty()));
        int remark = 3;
        for (int i = 0; i < words.length; i++) {
            Processed processed = group.get(order[i]);
            answers.set(order[i], switch (words[i]) {
                case "LOST" -> Optional.of(new Collated.Lost());
                case "STALE" -> Optional.of(new Collated.Stale());
                case "TOO_LATE" -> Optional.of(new Collated.Late());
                case "PARKED" -> Optional.of(new Collated.Parked());
                case "ADDED" -> Optional.of(new Collated.Added());
                case "ASIDE" -> Optional.empty();
                case "BROKEN" -> Optional.of(new Collated.Broken(reply.get(remark++).toString()));
                case "STUCK" -> Optional.of(new Collated.Stuck(reply.get(remark++).toString()));
                default -> Optional.of(ended(processed, reply.get(remark++)));
            });
        }
        return answers;
    }

    /** Somebody else may have written to what is kept of it: then its delivery is where that shows, not the other parts. */
    private Collated.Ended ended(Processed last, Response remark) {
        Part part = last.part();
        Delivery delivery = DeliveryCalls.begun(calls.keys(), part.id(), part.generation(), remark.get(0));
        return new Collated.Ended(delivery, remark.size() == 1 ? Optional.empty() : outcome(last, delivery, remark));
    }

    /** What a single part asked for, and what came of it, is here already. */
    private Optional<OutcomePage> outcome(Processed last, Delivery delivery, Response remark) {
        try {
            Optional<Processed> only = single ? Optional.of(last) : Optional.empty();
            Snapshot ended = SnapshotReader.ended(delivery, remark.get(1).toString(),
                    only.map(it -> it.part().body()), only.flatMap(it -> SnapshotReader.unmarked(it.output())));
            return Optional.of(Deliveries.page(ended, remark.get(2), OutcomePage.NONE));
        } catch (RuntimeException e) {
            LOG.debugf(e, "what is kept of %s cannot be read", delivery.collation());
            return Optional.empty();
        }
    }
}
