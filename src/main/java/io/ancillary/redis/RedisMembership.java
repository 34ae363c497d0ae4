package io.ancillary.redis;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Completion;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Settlement;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;

/** What this replica writes in one partition; arguments and answers of each script as its head describes them. */
final class RedisMembership implements Membership {
    private static final int BYTES_BESIDES_BODY = 200;

    private final String replica;
    private final String secret;
    private final Keys keys;
    private final RedisLink link;
    private final ServerClock clock;
    private final StoreSettings settings;

    private final Map<Flow, GroupCommit<Arrival, Acceptance>> accepts = new ConcurrentHashMap<>();
    private final Map<Collating, GroupCommit<Processed, Optional<Collated>>> collates = new ConcurrentHashMap<>();
    private final Map<Flow, GroupCommit<Completed, Completion>> completes = new ConcurrentHashMap<>();
    private final GroupCommit<Marked, Optional<Part>> marks;
    private final GroupCommit<Settled, Boolean> settles;
    /** Only on the link's event loop. */
    private long generations;

    RedisMembership(String replica, String secret, Keys keys, RedisLink link, ServerClock clock, StoreSettings settings) {
        this.replica = replica;
        this.secret = secret;
        this.keys = keys;
        this.link = link;
        this.clock = clock;
        this.settings = settings;
        this.marks = new GroupCommit<>(link.executor(), marked -> BYTES_BESIDES_BODY + marked.part().body().length(),
                this::markAll);
        this.settles = new GroupCommit<>(link.executor(),
                settled -> BYTES_BESIDES_BODY + 60 * settled.delivery().highest() / Keys.DIGESTS_IN_CHUNK,
                this::settleAll);
    }

    @Override
    public String replica() {
        return replica;
    }

    @Override
    public String secret() {
        return secret;
    }

    @Override
    public boolean isCrowded(Flow flow) {
        return accepts(flow).isCrowded();
    }

    @Override
    public CompletionStage<Acceptance> accept(Flow flow, Arrival arrival) {
        return accepts(flow).submit(arrival);
    }

    private GroupCommit<Arrival, Acceptance> accepts(Flow flow) {
        return accepts.computeIfAbsent(flow, f -> new GroupCommit<>(link.executor(),
                a -> BYTES_BESIDES_BODY + a.body().length() + a.callback().map(String::length).orElse(0),
                group -> acceptAll(f, group)));
    }

    private CompletionStage<List<Acceptance>> acceptAll(Flow flow, List<Arrival> arrivals) {
        List<String> declared = new ArrayList<>(
                List.of(keys.replicas(), keys.journal(replica), keys.meta(), keys.recent(flow.name()), keys.due()));
        List<String> args = new ArrayList<>(List.of(replica, notAfter(), flow.name(),
                String.valueOf(flow.limits().journal()), String.valueOf(flow.limits().open()),
                String.valueOf(flow.shape().firstIndex()), String.valueOf(flow.times().deadline().toMillis()),
                String.valueOf(flow.times().gapTimeout().toMillis()), flag(flow.shape().single()),
                flag(flow.shape().callbackRequired()), flag(flow.shape().hold()),
                String.valueOf(flow.limits().waiting()), String.valueOf(flow.limits().dead())));
        for (Arrival arrival : arrivals) {
            CollationId id = new CollationId(flow.name(), arrival.resource());
            declared.add(keys.collation(id));
            declared.add(keys.digests(id, arrival.index()));
            declared.add(arrival.idempotencyKey().map(key -> keys.idempotency(flow.name(), key))
                    .orElseGet(() -> keys.collation(id)));
            args.addAll(List.of(arrival.resource(), String.valueOf(arrival.index()), flag(arrival.last()),
                    arrival.digest(), generation(flow, arrival), arrival.body(), arrival.callback().orElse("")));
        }
        return run(Script.ACCEPT, declared, args)
                .thenApply(reply -> perItem(arrivals, (arrival, i) -> acceptance(flow, arrival, reply, 2 + 3 * i)));
    }

    private static Acceptance acceptance(Flow flow, Arrival arrival, Response reply, int at) {
        String code = reply.get(at).toString();
        return switch (code) {
            case "ACCEPTED" -> new Acceptance.Accepted(new Part(reply.get(at + 2).toString(),
                    new CollationId(flow.name(), arrival.resource()), reply.get(at + 1).toString(), arrival.index(), 0, 0,
                    arrival.body()));
            case "REPEATED" -> new Acceptance.Repeated(reply.get(at + 1).toString());
            default -> new Acceptance.Refused(Refusal.valueOf(code));
        };
    }

    /** Unlike any other for ever: a replica's name is never used again, and it counts its own. */
    private String generation(Flow flow, Arrival arrival) {
        return flow.shape().single() ? Keys.generationOf(arrival.resource())
                : replica + "-" + Long.toString(++generations, 36);
    }

    private static String flag(boolean value) {
        return value ? "1" : "0";
    }

    @Override
    public CompletionStage<Collated> collate(Flow flow, Part part, PartResult result) {
        Processed processed = new Processed(part, OutputMember.of(result));
        boolean aside = flow.shape().keepsPartsAside();
        return collates(flow, aside).submit(processed).thenCompose(collated -> collated
                .<CompletionStage<Collated>> map(CompletableFuture::completedFuture)
                .orElseGet(() -> collates(flow, true).submit(processed).thenApply(Optional::orElseThrow)));
    }

    private GroupCommit<Processed, Optional<Collated>> collates(Flow flow, boolean aside) {
        return collates.computeIfAbsent(new Collating(flow, aside), group -> new GroupCommit<>(link.executor(),
                part -> BYTES_BESIDES_BODY + part.output().length(), parts -> collateAll(flow, aside, parts)));
    }

    /** Empty for a part of which nothing could be said without the keys of what is kept aside. */
    private CompletionStage<List<Optional<Collated>>> collateAll(Flow flow, boolean aside, List<Processed> group) {
        List<String> declared = new ArrayList<>(List.of(keys.replicas(), keys.journal(replica), keys.meta(),
                keys.flight(replica), keys.wake(), keys.dead()));
        List<String> args = new ArrayList<>(List.of(replica, notAfter(), flow.name(), flag(flow.shape().single()),
                flag(aside), String.valueOf(flow.limits().outputBytes()),
                String.valueOf(flow.times().completion().toMillis())));
        for (Processed processed : group) {
            Part part = processed.part();
            declared.addAll(aside ? ResourceKeys.withAside(keys, part.id(), part.generation())
                    : ResourceKeys.main(keys, part.id(), part.generation()));
            args.addAll(List.of(part.entry(), part.id().resource(), part.generation(), String.valueOf(part.index()),
                    processed.output(), keys.deliveryId(part.generation())));
        }
        return run(Script.COLLATE, declared, args)
                .thenApply(reply -> perItem(group, (processed, i) -> collated(processed.part(), reply, 2 + 2 * i)));
    }

    private Optional<Collated> collated(Part part, Response reply, int at) {
        return switch (reply.get(at).toString()) {
            case "LOST" -> Optional.of(new Collated.Lost());
            case "STALE" -> Optional.of(new Collated.Stale());
            case "TOO_LATE" -> Optional.of(new Collated.Late());
            case "PARKED" -> Optional.of(new Collated.Parked());
            case "ADDED" -> Optional.of(new Collated.Added());
            case "ASIDE" -> Optional.empty();
            case "BROKEN" -> Optional.of(new Collated.Broken(reply.get(at + 1).toString()));
            case "STUCK" -> Optional.of(new Collated.Stuck(reply.get(at + 1).toString()));
            default -> Optional.of(new Collated.Ended(ended(part.id(), part.generation(), reply.get(at + 1))));
        };
    }

    @Override
    public CompletionStage<Completion> complete(Flow flow, PartName part, PartResult.Output output) {
        return completes.computeIfAbsent(flow, f -> new GroupCommit<>(link.executor(),
                completed -> BYTES_BESIDES_BODY + completed.output().length(), group -> completeAll(f, group)))
                .submit(new Completed(part, OutputMember.of(output)));
    }

    private CompletionStage<List<Completion>> completeAll(Flow flow, List<Completed> group) {
        List<String> declared = new ArrayList<>(
                List.of(keys.replicas(), keys.meta(), keys.flight(replica), keys.wake(), keys.dead()));
        List<String> args = new ArrayList<>(List.of(replica, notAfter(), flow.name(), flag(flow.shape().single()),
                String.valueOf(flow.limits().outputBytes())));
        for (Completed completed : group) {
            PartName part = completed.part();
            declared.addAll(ResourceKeys.withAside(keys, part.id(), part.generation()));
            args.addAll(List.of(part.id().resource(), part.generation(), String.valueOf(part.index()),
                    completed.output(), keys.deliveryId(part.generation())));
        }
        return run(Script.COMPLETE, declared, args)
                .thenApply(reply -> perItem(group, (completed, i) -> completion(completed.part(), reply, 2 + 3 * i)));
    }

    private Completion completion(PartName part, Response reply, int at) {
        String code = reply.get(at).toString();
        return switch (code) {
            case "REPEATED" -> new Completion.Repeated();
            case "CONFLICT" -> new Completion.Conflict();
            case "GONE" -> new Completion.Gone();
            case "BROKEN" -> new Completion.Broken();
            default -> {
                Optional<Delivery> ended = code.equals("ENDED")
                        ? Optional.of(ended(part.id(), part.generation(), reply.get(at + 1)))
                        : Optional.empty();
                yield reply.get(at + 2).toInteger() == 1 ? new Completion.TooLarge(ended) : new Completion.Taken(ended);
            }
        };
    }

    private Delivery ended(CollationId id, String generation, Response extent) {
        String[] words = extent.toString().split(" ", 2);
        return new Delivery(keys.deliveryId(generation), id, generation, Integer.parseInt(words[0]), 0,
                Long.parseLong(words[1]));
    }

    @Override
    public CompletionStage<Optional<Part>> mark(Part suspect, boolean atWork) {
        return marks.submit(new Marked(suspect, atWork));
    }

    private CompletionStage<List<Optional<Part>>> markAll(List<Marked> group) {
        List<String> args = new ArrayList<>(List.of(replica, notAfter()));
        for (Marked marked : group) {
            args.addAll(List.of(marked.part().entry(), flag(marked.atWork())));
        }
        return run(Script.MARK, List.of(keys.replicas(), keys.journal(replica)), args)
                .thenApply(reply -> perItem(group, (marked, i) -> Optional.of(reply.get(2 + i).toString())
                        .filter(entry -> !entry.isEmpty()).map(entry -> marked.as(entry))));
    }

    @Override
    public CompletionStage<Boolean> settle(Delivery delivery, Settlement settlement) {
        return settles.submit(new Settled(delivery, settlement));
    }

    private CompletionStage<List<Boolean>> settleAll(List<Settled> group) {
        List<String> declared = new ArrayList<>(List.of(keys.flight(replica), keys.outbox(), keys.due(), keys.meta()));
        List<String> args = new ArrayList<>(List.of(String.valueOf(settings.retention().toMillis())));
        for (Settled settled : group) {
            Delivery delivery = settled.delivery();
            List<String> others = ResourceKeys.ofEnded(keys, delivery.collation(), delivery.highest());
            declared.add(keys.delivery(delivery.id()));
            declared.add(keys.collation(delivery.collation()));
            declared.addAll(others);
            args.add(delivery.id());
            args.addAll(arguments(settled.settlement()));
            args.addAll(List.of(delivery.generation(), DueMember.of(delivery.collation(), delivery.generation()),
                    String.valueOf(others.size())));
        }
        return link.run(Script.SETTLE, declared, args).thenApply(reply -> {
            clock.observe(reply.get(0).toLong());
            return perItem(group, (settled, i) -> reply.get(1 + i).toInteger() == 1);
        });
    }

    /** Result, attempts made, wait, error. */
    private static List<String> arguments(Settlement settlement) {
        if (settlement instanceof Settlement.Delivered delivered) {
            return List.of("delivered", String.valueOf(delivered.attempts()), "0", "");
        }
        if (settlement instanceof Settlement.Failed failed) {
            return List.of("failed", String.valueOf(failed.attempts()), String.valueOf(failed.retryIn().toMillis()),
                    failed.error());
        }
        return List.of("postponed", "0", String.valueOf(((Settlement.Postponed) settlement).retryIn().toMillis()), "");
    }

    @Override
    public CompletionStage<Findings> tick(int limit) {
        return run(Script.TICK, List.of(keys.replicas(), keys.meta(), keys.outbox(), keys.due(), keys.wake()),
                List.of(replica, String.valueOf(settings.beat().toMillis()), String.valueOf(settings.lease().toMillis()),
                        String.valueOf(limit)))
                .thenApply(reply -> new Findings(
                        texts(reply.get(2)).filter(name -> !name.equals(replica)).toList(),
                        texts(reply.get(3)).toList(),
                        texts(reply.get(4)).map(DueMember::read).toList(),
                        texts(reply.get(5)).map(DueMember::read).toList(),
                        Optional.of(reply.get(6)).filter(wait -> wait.type() == ResponseType.NUMBER)
                                .map(wait -> Duration.ofMillis(wait.toLong()))));
    }

    @Override
    public CompletionStage<List<Part>> journal(String after, int limit) {
        return link.send(Request.cmd(Command.XRANGE).arg(keys.journal(replica))
                .arg(after.isEmpty() ? "-" : "(" + after).arg("+").arg("COUNT").arg(limit))
                .thenApply(entries -> entries.stream().map(RedisMembership::part).toList());
    }

    /** An entry: its id, then field, value, field, value, as common.lua names them. */
    private static Part part(Response entry) {
        Response fields = entry.get(1);
        Map<String, String> read = new HashMap<>();
        for (int i = 0; i < fields.size(); i += 2) {
            read.put(fields.get(i).toString(), fields.get(i + 1).toString());
        }
        return new Part(entry.get(0).toString(), new CollationId(field(read, "f"), field(read, "r")), field(read, "g"),
                Integer.parseInt(field(read, "i")), Integer.parseInt(field(read, "m")),
                Integer.parseInt(read.getOrDefault("a", "0")), field(read, "b"));
    }

    private static String field(Map<String, String> entry, String name) {
        return requireNonNull(entry.get(name), name);
    }

    @Override
    public CompletionStage<List<String>> inFlight() {
        return link.send(Request.cmd(Command.SMEMBERS).arg(keys.flight(replica))).thenApply(ids -> texts(ids).toList());
    }

    @Override
    public CompletionStage<List<String>> claim(List<String> deliveryIds) {
        List<String> args = Stream.concat(Stream.of(replica, notAfter()), deliveryIds.stream()).toList();
        List<String> declared = Stream.concat(Stream.of(keys.outbox(), keys.replicas(), keys.flight(replica)),
                deliveryIds.stream().map(keys::delivery)).toList();
        return run(Script.CLAIM, declared, args)
                .thenApply(reply -> IntStream.range(0, deliveryIds.size())
                        .filter(i -> reply.get(2 + i).toInteger() == 1).mapToObj(deliveryIds::get).toList());
    }

    @Override
    public CompletionStage<Void> release(String deliveryId) {
        return link.send(Request.cmd(Command.SREM).arg(keys.flight(replica)).arg(deliveryId)).thenApply(reply -> null);
    }

    @Override
    public CompletionStage<Boolean> takeOver(String silent, int limit) {
        return run(Script.TAKEOVER,
                List.of(keys.replicas(), keys.journal(silent), keys.journal(replica), keys.flight(silent),
                        keys.flight(replica), keys.loads()),
                List.of(replica, notAfter(), silent, String.valueOf(settings.lease().toMillis()), String.valueOf(limit)))
                .thenApply(reply -> reply.get(3).toInteger() == 1);
    }

    @Override
    public CompletionStage<Optional<Delivery>> expire(Due due) {
        CollationId id = due.id();
        return highest(id).thenCompose(highest -> {
            List<String> declared = new ArrayList<>(List.of(keys.replicas(), keys.meta(), keys.due(),
                    keys.recent(id.flow()), keys.flight(replica), keys.wake(), keys.dead()));
            declared.addAll(ResourceKeys.all(keys, id, due.generation(), highest));
            return run(Script.EXPIRE, declared, List.of(replica, notAfter(), id.flow(), id.resource(), due.generation(),
                    keys.deliveryId(due.generation()), String.valueOf(highest)));
        }).thenApply(reply -> switch (reply.get(2).toString()) {
            case "ENDED" -> Optional.of(ended(id, due.generation(), reply.get(3)));
            case "BROKEN" -> throw new IllegalStateException(reply.get(3).toString());
            default -> Optional.empty();
        });
    }

    /** The script says so when more is to be removed than this names, or when it could not be read. */
    private CompletionStage<Integer> highest(CollationId id) {
        return link.send(SnapshotReader.request(keys, id))
                .thenApply(hash -> SnapshotReader.read(id, hash).map(snapshot -> snapshot.progress().highest()).orElse(0))
                .exceptionally(unreadable -> 0);
    }

    @Override
    public CompletionStage<List<Part>> wake(Due due, int limit) {
        CollationId id = due.id();
        return run(Script.WAKE,
                List.of(keys.replicas(), keys.journal(replica), keys.meta(), keys.wake(), keys.dead(), keys.collation(id),
                        keys.waiting(id), keys.wakes(id)),
                List.of(replica, notAfter(), id.flow(), id.resource(), due.generation(), String.valueOf(limit)))
                .thenApply(reply -> IntStream.range(0, (reply.size() - 2) / 4).map(i -> 2 + 4 * i)
                        .mapToObj(at -> new Part(reply.get(at).toString(), id, due.generation(),
                                reply.get(at + 1).toInteger(), 0, reply.get(at + 2).toInteger(),
                                reply.get(at + 3).toString()))
                        .toList());
    }

    @Override
    public CompletionStage<Optional<Part>> retry(PartName part) {
        CollationId id = part.id();
        return run(Script.RETRY,
                List.of(keys.replicas(), keys.journal(replica), keys.meta(), keys.wake(), keys.dead(), keys.collation(id),
                        keys.outputs(id), keys.waiting(id), keys.wakes(id)),
                List.of(replica, notAfter(), id.flow(), id.resource(), part.generation(), String.valueOf(part.index())))
                .thenApply(reply -> reply.size() == 2 ? Optional.empty()
                        : Optional.of(new Part(reply.get(2).toString(), id, part.generation(), part.index(), 0, 0,
                                reply.get(3).toString())));
    }

    @Override
    public CompletionStage<Comparison> compare(Map<String, Integer> held) {
        String load = held.entrySet().stream().map(flow -> flow.getKey() + ' ' + flow.getValue())
                .collect(Collectors.joining(" "));
        return run(Script.COMPARE, List.of(keys.replicas(), keys.loads()), List.of(replica, notAfter(), freshness(), load))
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
        return String.valueOf(settings.beat().multipliedBy(2).toMillis());
    }

    @Override
    public CompletionStage<List<Part>> give(String to, List<Part> parts) {
        List<String> args = new ArrayList<>(List.of(replica, notAfter(), to, freshness()));
        parts.forEach(part -> args.add(part.entry()));
        return run(Script.GIVE, List.of(keys.replicas(), keys.journal(replica), keys.journal(to), keys.loads()), args)
                .thenApply(reply -> IntStream.range(0, parts.size()).filter(i -> reply.get(2 + i).toInteger() == 1)
                        .mapToObj(parts::get).toList());
    }

    @Override
    public CompletionStage<Void> leave() {
        return link
                .run(Script.LEAVE, List.of(keys.replicas(), keys.journal(replica), keys.flight(replica), keys.loads()),
                        List.of(replica))
                .thenApply(reply -> null);
    }

    private String notAfter() {
        return String.valueOf(clock.in(link.timeout()));
    }

    /** For the scripts whose second answer says whether this replica may go on. */
    private CompletionStage<Response> run(Script script, List<String> declared, List<String> args) {
        return link.run(script, declared, args).thenCompose(reply -> {
            clock.observe(reply.get(0).toLong());
            return switch (reply.get(1).toString()) {
                case "OK" -> completedFuture(reply);
                case "EXPELLED" -> failedFuture(new ExpelledException(replica));
                default -> failedFuture(new StoreUnavailableException("the call reached Redis too late"));
            };
        });
    }

    private static Stream<String> texts(Response array) {
        return array.stream().map(Response::toString);
    }

    private static <I, A> List<A> perItem(List<I> items, BiFunction<I, Integer, A> answer) {
        return IntStream.range(0, items.size()).mapToObj(i -> answer.apply(items.get(i), i)).toList();
    }

    private record Collating(Flow flow, boolean aside) {
    }

    private record Processed(Part part, String output) {
    }

    private record Marked(Part part, boolean atWork) {
        Part as(String entry) {
            return atWork ? part.movedTo(entry) : part.movedTo(entry).acquitted();
        }
    }

    private record Completed(PartName part, String output) {
    }

    private record Settled(Delivery delivery, Settlement settlement) {
    }
}
