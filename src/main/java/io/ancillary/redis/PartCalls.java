package io.ancillary.redis;

import static io.ancillary.redis.Calls.flag;
import static io.ancillary.redis.Calls.perItem;
import static io.netty.buffer.ByteBufUtil.utf8Bytes;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Completion;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.ancillary.redis.CollateCalls.Processed;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** What a replica does with parts: into its journal, out of it, aside and back. */
final class PartCalls {
    private final Calls calls;
    private final Keys keys;

    private final Map<Flow, GroupCommit<Arrival, Acceptance>> accepts = new ConcurrentHashMap<>();
    private final Map<Flow, GroupCommit<Processed, Optional<Collated>>> collatesMain = new ConcurrentHashMap<>();
    private final Map<Flow, GroupCommit<Processed, Optional<Collated>>> collatesAside = new ConcurrentHashMap<>();
    private final Map<Flow, GroupCommit<Completed, Completion>> completes = new ConcurrentHashMap<>();
    private final GroupCommit<Marked, Optional<Part>> marks;
    /** Only on the link's event loop. */
    private long generations;

    PartCalls(Calls calls) {
        this.calls = calls;
        this.keys = calls.keys();
        this.marks = new GroupCommit<>(calls.link().afterThis(),
                marked -> Calls.BYTES_BESIDES_BODY + utf8Bytes(marked.part().body()), this::markAll);
    }

    boolean isCrowded(Flow flow, boolean late) {
        return accepts(flow).isCrowded(late);
    }

    CompletionStage<Acceptance> accept(Flow flow, Arrival arrival) {
        return accepts(flow).submit(arrival);
    }

    private GroupCommit<Arrival, Acceptance> accepts(Flow flow) {
        GroupCommit<Arrival, Acceptance> known = accepts.get(flow);
        return known != null ? known
                : accepts.computeIfAbsent(flow, f -> new GroupCommit<>(calls.link().afterThis(),
                        a -> Calls.BYTES_BESIDES_BODY + utf8Bytes(a.body()) + a.callback().map(String::length).orElse(0),
                        new AcceptCalls(calls, f, this::newGeneration)::accept));
    }

    /** Unlike any other for ever: a replica's name is never used again, and it counts its own. */
    private String newGeneration() {
        return calls.replica() + "-" + Long.toString(++generations, 36);
    }

    CompletionStage<Collated> collate(Flow flow, Part part, PartResult result) {
        Processed processed = new Processed(part, OutputMember.of(result));
        boolean aside = flow.shape().keepsPartsAside();
        return collates(flow, aside).submit(processed).thenCompose(collated -> collated
                .<CompletionStage<Collated>> map(CompletableFuture::completedFuture)
                .orElseGet(() -> collates(flow, true).submit(processed).thenApply(Optional::orElseThrow)));
    }

    private GroupCommit<Processed, Optional<Collated>> collates(Flow flow, boolean aside) {
        Map<Flow, GroupCommit<Processed, Optional<Collated>>> collates = aside ? collatesAside : collatesMain;
        GroupCommit<Processed, Optional<Collated>> known = collates.get(flow);
        return known != null ? known
                : collates.computeIfAbsent(flow, f -> new GroupCommit<>(calls.link().afterThis(),
                        part -> Calls.BYTES_BESIDES_BODY + utf8Bytes(part.output()),
                        new CollateCalls(calls, f, aside)::collate));
    }

    CompletionStage<Completion> complete(Flow flow, PartName part, PartResult.Output output) {
        return completes.computeIfAbsent(flow, f -> new GroupCommit<>(calls.link().afterThis(),
                completed -> Calls.BYTES_BESIDES_BODY + utf8Bytes(completed.output()), group -> completeAll(f, group)))
                .submit(new Completed(part, OutputMember.of(output)));
    }

    private CompletionStage<List<Completion>> completeAll(Flow flow, List<Completed> group) {
        List<String> declared = new ArrayList<>(
                List.of(keys.replicas(), keys.meta(), keys.flight(calls.replica()), keys.wake(), keys.dead()));
        List<String> args = new ArrayList<>(List.of(calls.replica(), calls.notAfter(), flow.name(), flag(flow.shape().single()),
                String.valueOf(flow.limits().outputBytes())));
        for (Completed completed : group) {
            PartName part = completed.part();
            declared.addAll(ResourceKeys.withAside(keys, part.id(), part.generation()));
            args.addAll(List.of(part.id().resource(), part.generation(), String.valueOf(part.index()),
                    completed.output(), keys.deliveryId(part.generation())));
        }
        return calls.run(Script.COMPLETE, declared, args)
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
                        ? Optional.of(DeliveryCalls.begun(keys, part.id(), part.generation(), reply.get(at + 1)))
                        : Optional.empty();
                yield reply.get(at + 2).toInteger() == 1 ? new Completion.TooLarge(ended) : new Completion.Taken(ended);
            }
        };
    }

    CompletionStage<Optional<Part>> mark(Part suspect, boolean atWork) {
        return marks.submit(new Marked(suspect, atWork));
    }

    private CompletionStage<List<Optional<Part>>> markAll(List<Marked> group) {
        List<String> args = new ArrayList<>(List.of(calls.replica(), calls.notAfter()));
        for (Marked marked : group) {
            args.addAll(List.of(marked.part().entry(), flag(marked.atWork())));
        }
        return calls.run(Script.MARK, List.of(keys.replicas(), keys.journal(calls.replica())), args)
                .thenApply(reply -> perItem(group, (marked, i) -> Optional.of(reply.get(2 + i).toString())
                        .filter(entry -> !entry.isEmpty()).map(entry -> marked.as(entry))));
    }

    CompletionStage<List<Part>> journal(String after, int limit) {
        return calls.link().send(Request.cmd(Command.XRANGE).arg(keys.journal(calls.replica()))
                .arg(after.isEmpty() ? "-" : "(" + after).arg("+").arg("COUNT").arg(limit))
                .thenApply(entries -> entries.stream().map(PartCalls::part).toList());
    }

    /** An entry: its id, then field, value, field, value, as journal.lua names them. */
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

    CompletionStage<List<Part>> wake(Due due, int limit) {
        CollationId id = due.id();
        return calls.run(Script.WAKE,
                List.of(keys.replicas(), keys.journal(calls.replica()), keys.meta(), keys.wake(), keys.dead(),
                        keys.collation(id),
                        keys.waiting(id), keys.wakes(id)),
                List.of(calls.replica(), calls.notAfter(), id.flow(), id.resource(), due.generation(), String.valueOf(limit)))
                .thenApply(reply -> IntStream.range(0, (reply.size() - 2) / 4).map(i -> 2 + 4 * i)
                        .mapToObj(at -> new Part(reply.get(at).toString(), id, due.generation(),
                                reply.get(at + 1).toInteger(), 0, reply.get(at + 2).toInteger(),
                                reply.get(at + 3).toString()))
                        .toList());
    }

    CompletionStage<Optional<Part>> retry(PartName part) {
        CollationId id = part.id();
        return calls.run(Script.RETRY,
                List.of(keys.replicas(), keys.journal(calls.replica()), keys.meta(), keys.wake(), keys.dead(),
                        keys.collation(id),
                        keys.outputs(id), keys.waiting(id), keys.wakes(id)),
                List.of(calls.replica(), calls.notAfter(), id.flow(), id.resource(), part.generation(),
                        String.valueOf(part.index())))
                .thenApply(reply -> reply.size() == 2 ? Optional.empty()
                        : Optional.of(new Part(reply.get(2).toString(), id, part.generation(), part.index(), 0, 0,
                                reply.get(3).toString())));
    }

    private record Marked(Part part, boolean atWork) {
        Part as(String entry) {
            return atWork ? part.movedTo(entry) : part.movedTo(entry).acquitted();
        }
    }

    private record Completed(PartName part, String output) {
    }
}
