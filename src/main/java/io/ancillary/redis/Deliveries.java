package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Collected;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.LoggedAttempt;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.OutcomePage;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Redelivery;
import io.ancillary.collation.Snapshot;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** Reads deliveries and what they deliver; has one made once more. */
final class Deliveries {
    /** A page of outputs: one read of a long sorted set would hold Redis for milliseconds. */
    private static final int PAGE_BYTES = 256 * 1024;
    /** So few, and no larger than a page, are read by a plain command, which costs Redis a third of what a script does. */
    private static final int FEW = 64;

    private final Keys keys;
    private final RedisLink link;

    Deliveries(Keys keys, RedisLink link) {
        this.keys = keys;
        this.link = link;
    }

    /** The callback stands with the collation: it is read only of a delivery that goes on after its first attempt. */
    CompletionStage<Optional<Delivery>> pending(String deliveryId) {
        return link.send(Request.cmd(Command.HMGET).arg(keys.delivery(deliveryId)).arg("status").arg("flow").arg("resource")
                .arg("gen").arg("highest").arg("attempts").arg("bytes").arg("before")).thenCompose(hash -> {
                    if (hash.get(0) == null || !hash.get(0).toString().equals("pending")) {
                        return completedFuture(Optional.empty());
                    }
                    CollationId id = new CollationId(hash.get(1).toString(), hash.get(2).toString());
                    return link.send(Request.cmd(Command.HGET).arg(keys.collation(id)).arg("callback"))
                            .thenApply(callback -> Optional.of(new Delivery(deliveryId, id, hash.get(3).toString(),
                                    hash.get(4).toInteger(), hash.get(5).toInteger() - number(hash, 7),
                                    number(hash, 6), Optional.ofNullable(callback).map(Response::toString))));
                });
    }

    private static int number(Response hash, int at) {
        return hash.get(at) == null ? 0 : hash.get(at).toInteger();
    }

    /** Which collation a delivery delivers, in which of its lives. */
    CompletionStage<Optional<Due>> collation(String deliveryId) {
        return link.send(Request.cmd(Command.HMGET).arg(keys.delivery(deliveryId)).arg("flow").arg("resource").arg("gen"))
                .thenApply(hash -> hash.get(0) == null ? Optional.empty()
                        : Optional.of(new Due(new CollationId(hash.get(0).toString(), hash.get(1).toString()),
                                hash.get(2).toString())));
    }

    /**
     * The collation is read behind the page. It had ended before somebody could know of its delivery: if it still lives
     * that life then, it did when the page was read.
     */
    CompletionStage<Optional<OutcomePage>> outcome(Delivery delivery, int from) {
        CollationId id = delivery.collation();
        boolean few = from == 0 && delivery.highest() <= FEW && delivery.bytes() <= PAGE_BYTES;
        CompletionStage<Response> page = few ? link.send(Request.cmd(Command.ZRANGE).arg(keys.outputs(id)).arg(0).arg(-1))
                : page(delivery, from);
        CompletionStage<Response> collation = link.send(SnapshotReader.request(keys, id));
        return page.thenCombine(collation, (reply, hash) -> few ? outcome(delivery, hash, reply, OutcomePage.NONE)
                : reply.size() == 0 ? Optional.empty() : outcome(delivery, hash, reply.get(1), reply.get(0).toInteger()));
    }

    private CompletionStage<Response> page(Delivery delivery, int from) {
        CollationId id = delivery.collation();
        return link.run(Script.OUTPUTS, List.of(keys.collation(id), keys.outputs(id)),
                List.of(delivery.generation(), String.valueOf(from), String.valueOf(PAGE_BYTES)));
    }

    private static Optional<OutcomePage> outcome(Delivery delivery, Response collation, Response members, int next) {
        return SnapshotReader.read(delivery.collation(), collation)
                .filter(it -> it.generation().equals(delivery.generation()) && it.ending().isPresent())
                .map(it -> page(it, members, next));
    }

    /** Of a collation that has ended, and those of its outputs. */
    static OutcomePage page(Snapshot of, Response members, int next) {
        List<Collected> results = new ArrayList<>();
        members.forEach(member -> results.add(OutputMember.read(member.toString())));
        if (results.isEmpty()) {
            of.ending().flatMap(Snapshot.Ending::output)
                    .ifPresent(output -> results.add(new Collected(of.first(), new PartResult.Output(output))));
        }
        return new OutcomePage(of, results, next);
    }

    CompletionStage<List<LoggedAttempt>> attempts(String deliveryId) {
        Request request = Request.cmd(Command.HMGET).arg(keys.delivery(deliveryId));
        for (int i = 0; i < LoggedAttempt.KEPT; i++) {
            request.arg("l" + i);
        }
        return link.send(request).thenApply(lines -> lines.stream().filter(Objects::nonNull)
                .map(line -> AttemptText.read(line.toString()))
                .sorted(Comparator.comparing(LoggedAttempt::number).reversed()).toList());
    }

    /** Empty when the collation grew past the keys that were declared. */
    CompletionStage<Optional<Redelivery>> redeliver(String deliveryId, Snapshot of, DeliveryStatus from) {
        int highest = of.progress().highest();
        List<String> declared = new ArrayList<>(List.of(keys.outbox(), keys.deadLetters(), keys.due(), keys.meta(),
                keys.delivery(deliveryId), keys.collation(of.id())));
        declared.addAll(ResourceKeys.ofEnded(keys, of.id(), highest));
        return link.run(Script.REDELIVER, declared,
                List.of(deliveryId, of.generation(), DueMember.of(of.id(), of.generation()), of.id().flow(),
                        String.valueOf(highest),
                        from == DeliveryStatus.ANY ? "" : from.name().toLowerCase(Locale.ROOT)))
                .thenApply(reply -> Optional.of(reply.get(0).toString()).filter(code -> !code.equals("CHANGED"))
                        .map(Redelivery::valueOf));
    }
}
