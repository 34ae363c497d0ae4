package io.ancillary.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Completion;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.vertx.redis.client.ResponseType;

/** What this replica writes in one partition; arguments and answers of each script as its head describes them. */
final class RedisMembership implements Membership {
    private final String secret;
    private final Calls calls;
    private final Keys keys;
    private final PartCalls parts;
    private final DeliveryCalls deliveries;

    RedisMembership(String secret, Calls calls) {
        this.secret = secret;
        this.calls = calls;
        this.keys = calls.keys();
        this.parts = new PartCalls(calls);
        this.deliveries = new DeliveryCalls(calls);
    }

    @Override
    public String replica() {
        return calls.replica();
    }

    @Override
    public String secret() {
        return secret;
    }

    @Override
    public boolean isCrowded(Flow flow, boolean late) {
        return parts.isCrowded(flow, late);
    }

    @Override
    public CompletionStage<Acceptance> accept(Flow flow, Arrival arrival) {
        return parts.accept(flow, arrival);
    }

    @Override
    public CompletionStage<Collated> collate(Flow flow, Part part, PartResult result) {
        return parts.collate(flow, part, result);
    }

    @Override
    public CompletionStage<Completion> complete(Flow flow, PartName part, PartResult.Output output) {
        return parts.complete(flow, part, output);
    }

    @Override
    public CompletionStage<List<Part>> wake(Due due, int limit) {
        return parts.wake(due, limit);
    }

    @Override
    public CompletionStage<Optional<Part>> retry(PartName part) {
        return parts.retry(part);
    }

    @Override
    public CompletionStage<Optional<Part>> mark(Part suspect, boolean atWork) {
        return parts.mark(suspect, atWork);
    }

    @Override
    public CompletionStage<List<Part>> journal(String after, int limit) {
        return parts.journal(after, limit);
    }

    @Override
    public CompletionStage<Boolean> settle(Delivery delivery, Settlement settlement) {
        return deliveries.settle(delivery, settlement);
    }

    @Override
    public CompletionStage<List<String>> inFlight() {
        return deliveries.inFlight();
    }

    @Override
    public CompletionStage<List<String>> claim(List<String> deliveryIds) {
        return deliveries.claim(deliveryIds);
    }

    @Override
    public CompletionStage<Void> release(String deliveryId) {
        return deliveries.release(deliveryId);
    }

    @Override
    public CompletionStage<Findings> tick(int limit) {
        return calls.run(Script.TICK, List.of(keys.replicas(), keys.meta(), keys.outbox(), keys.due(), keys.wake()),
                List.of(replica(), String.valueOf(calls.settings().beat().toMillis()),
                        String.valueOf(calls.settings().lease().toMillis()),
                        String.valueOf(limit)))
                .thenApply(reply -> new Findings(
                        Calls.texts(reply.get(2)).filter(name -> !name.equals(replica())).toList(),
                        Calls.texts(reply.get(3)).toList(),
                        Calls.texts(reply.get(4)).map(DueMember::read).toList(),
                        Calls.texts(reply.get(5)).map(DueMember::read).toList(),
                        Optional.of(reply.get(6)).filter(wait -> wait.type() == ResponseType.NUMBER)
                                .map(wait -> Duration.ofMillis(wait.toLong()))));
    }

    @Override
    public CompletionStage<Boolean> takeOver(String silent, int limit) {
        return calls.run(Script.TAKEOVER,
                List.of(keys.replicas(), keys.journal(silent), keys.journal(replica()), keys.flight(silent),
                        keys.flight(replica()), keys.loads()),
                List.of(replica(), calls.notAfter(), silent, String.valueOf(calls.settings().lease().toMillis()),
                        String.valueOf(limit)))
                .thenApply(reply -> reply.get(3).toInteger() == 1);
    }

    @Override
    public CompletionStage<Optional<Delivery>> expire(Due due) {
        CollationId id = due.id();
        return highest(id).thenCompose(highest -> {
            List<String> declared = new ArrayList<>(List.of(keys.replicas(), keys.meta(), keys.due(),
                    keys.recent(id.flow()), keys.flight(replica()), keys.wake(), keys.dead(), keys.deadLetters()));
            declared.addAll(ResourceKeys.all(keys, id, due.generation(), highest));
            return calls.run(Script.EXPIRE, declared,
                    List.of(replica(), calls.notAfter(), id.flow(), id.resource(), due.generation(),
                            keys.deliveryId(due.generation()), String.valueOf(highest)));
        }).thenApply(reply -> switch (reply.get(2).toString()) {
            case "ENDED" -> Optional.of(DeliveryCalls.begun(keys, id, due.generation(), reply.get(3)));
            case "BROKEN" -> throw new IllegalStateException(reply.get(3).toString());
            default -> Optional.empty();
        });
    }

    /** The script says so when more is to be removed than this names, or when it could not be read. */
    private CompletionStage<Integer> highest(CollationId id) {
        return calls.link().send(SnapshotReader.request(keys, id))
                .thenApply(hash -> SnapshotReader.read(id, hash).map(snapshot -> snapshot.progress().highest()).orElse(0))
                .exceptionally(unreadable -> 0);
    }

    @Override
    public CompletionStage<Comparison> compare(Map<String, Integer> held) {
        String load = held.entrySet().stream().map(flow -> flow.getKey() + ' ' + flow.getValue())
                .collect(Collectors.joining(" "));
        return calls
                .run(Script.COMPARE, List.of(keys.replicas(), keys.loads()),
                        List.of(replica(), calls.notAfter(), freshness(), load))
                .thenApply(reply -> new Comparison(reply.get(2).toInteger() == 1,
                        IntStream.range(0, (reply.size() - 3) / 2).map(i -> 3 + 2 * i).boxed().collect(Collectors
                                .toMap(at -> reply.get(at).toString(), at -> load(reply.get(at + 1).toString())))));
    }

    private static Map<String, Integer> load(String text) {
        String[] words = text.isEmpty() ? new String[0] : text.split(" ", -1);
        return IntStream.range(0, words.length / 2).boxed()
                .collect(Collectors.toMap(i -> words[2 * i], i -> Integer.valueOf(words[2 * i + 1])));
    }

    /** Who may just have died is given nothing, long before its lease is over. */
    private String freshness() {
        return String.valueOf(calls.settings().beat().multipliedBy(2).toMillis());
    }

    @Override
    public CompletionStage<List<Part>> give(String to, List<Part> parts) {
        List<String> args = new ArrayList<>(List.of(replica(), calls.notAfter(), to, freshness()));
        parts.forEach(part -> args.add(part.entry()));
        return calls.run(Script.GIVE, List.of(keys.replicas(), keys.journal(replica()), keys.journal(to), keys.loads()), args)
                .thenApply(reply -> IntStream.range(0, parts.size()).filter(i -> reply.get(2 + i).toInteger() == 1)
                        .mapToObj(parts::get).toList());
    }

    @Override
    public CompletionStage<Void> leave() {
        return calls.link()
                .run(Script.LEAVE, List.of(keys.replicas(), keys.journal(replica()), keys.flight(replica()), keys.loads()),
                        List.of(replica()))
                .thenApply(reply -> null);
    }
}
