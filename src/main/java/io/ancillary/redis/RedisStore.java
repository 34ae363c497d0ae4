package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Collected;
import io.ancillary.collation.DeadPart;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.LoggedAttempt;
import io.ancillary.collation.Membership;
import io.ancillary.collation.OutcomePage;
import io.ancillary.collation.PartName;
import io.ancillary.collation.Redelivery;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.StoreSettings;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** One partition on Redis: what anybody may read, and what an operator may do. */
final class RedisStore implements CollationStore {
    /** A page of outputs: one read of a long sorted set would hold Redis for milliseconds. */
    private static final int PAGE = 256;

    private final Keys keys;
    private final RedisLink link;
    private final ServerClock clock;
    private final StoreSettings settings;
    private final Layout layout;
    private final Digests digests;
    private final DeadParts deadParts;
    private final Deliveries deliveries;

    RedisStore(Keys keys, RedisLink link, ServerClock clock, StoreSettings settings) {
        this.keys = keys;
        this.link = link;
        this.clock = clock;
        this.settings = settings;
        this.layout = new Layout(link, settings);
        this.digests = new Digests(keys, link);
        this.deadParts = new DeadParts(keys, link);
        this.deliveries = new Deliveries(keys, link);
    }

    @Override
    public Executor executor() {
        return link.executor();
    }

    @Override
    public Executor afterThis() {
        return link.afterThis();
    }

    @Override
    public long connections() {
        return link.connections();
    }

    @Override
    public CompletionStage<Membership> join(String replica) {
        if (keys.partition() == 0) {
            return layout.settle().thenCompose(settled -> joinHere(replica));
        }
        return layout.check().thenCompose(checked -> joinAndCheck(replica));
    }

    /** Partition 0 is never taken from another number here: only together with all others, by {@link Layout}. */
    CompletionStage<Membership> joinHere(String replica) {
        return link.run(Script.JOIN, List.of(keys.replicas(), keys.meta()),
                List.of(replica, Layout.FORMAT, String.valueOf(settings.partitions()),
                        String.valueOf(settings.lease().toMillis()), newSecret(), keys.partition() == 0 ? "0" : "1"))
                .thenApply(reply -> {
                    if (!reply.get(1).toString().equals("OK")) {
                        throw layout.mismatch(reply.get(2), reply.get(3));
                    }
                    clock.observe(reply.get(0).toLong());
                    return new RedisMembership(reply.get(2).toString(), new Calls(replica, keys, link, clock, settings));
                });
    }

    /** The number of partitions may have changed between the look at partition 0 and the join: nothing was taken yet. */
    CompletionStage<Membership> joinAndCheck(String replica) {
        return joinHere(replica).thenCompose(joined -> layout.check().handle((checked, failure) -> failure == null
                ? completedFuture(joined)
                : joined.leave().<Membership> thenCompose(left -> failedFuture(Failures.cause(failure))))
                .thenCompose(Function.identity()));
    }

    /** Nobody's yet; whoever joins first gives the partition its own. */
    private static String newSecret() {
        byte[] bits = new byte[32];
        new SecureRandom().nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    @Override
    public CompletionStage<Optional<Snapshot>> find(CollationId id) {
        return link.send(SnapshotReader.request(keys, id)).thenCompose(hash -> {
            Optional<Snapshot> found = SnapshotReader.read(id, hash);
            return found.flatMap(Snapshot::ending).isEmpty() ? completedFuture(found) : withDelivery(found.get());
        });
    }

    private CompletionStage<Optional<Snapshot>> withDelivery(Snapshot snapshot) {
        String deliveryId = snapshot.ending().orElseThrow().delivery().id();
        CompletionStage<Response> due = link.send(Request.cmd(Command.ZSCORE).arg(keys.outbox()).arg(deliveryId));
        return link.send(SnapshotReader.deliveryRequest(keys, deliveryId)).thenCombine(due,
                (delivery, next) -> Optional.of(SnapshotReader.withDelivery(snapshot, delivery, next)));
    }

    @Override
    public CompletionStage<List<Integer>> missing(Snapshot of, int limit) {
        if (of.missing() == 0) {
            return completedFuture(List.of());
        }
        return digests.missing(of, limit);
    }

    @Override
    public CompletionStage<List<Collected>> failures(Snapshot of, int limit) {
        return of.progress().failed() == 0 ? completedFuture(List.of()) : failuresFrom(of, 0, limit, new ArrayList<>());
    }

    /** They stand behind all outputs: nothing else is read. */
    private CompletionStage<List<Collected>> failuresFrom(Snapshot of, int offset, int limit, List<Collected> found) {
        return link.send(Request.cmd(Command.ZRANGE).arg(keys.outputs(of.id())).arg(OutputMember.FAILED_AT).arg("+inf")
                .arg("BYSCORE").arg("LIMIT").arg(offset).arg(Math.min(PAGE, limit - found.size()))).thenCompose(page -> {
                    page.forEach(member -> found.add(OutputMember.read(member.toString())));
                    boolean more = page.size() == PAGE && found.size() < limit;
                    return more ? failuresFrom(of, offset + PAGE, limit, found) : completedFuture(found);
                });
    }

    @Override
    public CompletionStage<BitSet> received(Snapshot of) {
        return digests.received(of);
    }

    @Override
    public CompletionStage<Optional<Delivery>> pending(String deliveryId) {
        return deliveries.pending(deliveryId);
    }

    @Override
    public CompletionStage<Optional<OutcomePage>> outcome(Delivery delivery, int from) {
        return deliveries.outcome(delivery, from);
    }

    @Override
    public CompletionStage<Optional<Snapshot>> delivered(String deliveryId) {
        return deliveries.collation(deliveryId).thenCompose(named -> named
                .map(it -> find(it.id()).thenApply(found -> found.filter(one -> one.generation().equals(it.generation()))))
                .orElseGet(() -> completedFuture(Optional.empty())));
    }

    @Override
    public CompletionStage<List<LoggedAttempt>> attempts(String deliveryId) {
        return deliveries.attempts(deliveryId);
    }

    @Override
    public CompletionStage<DeliveryPage> deliveries(DeliveryStatus status, List<String> flows, String after, int limit) {
        return new DeliveryListing(keys, link, this).page(status, flows, after, limit);
    }

    @Override
    public CompletionStage<Redelivery> redeliver(String deliveryId, DeliveryStatus from) {
        return delivered(deliveryId).thenCompose(found -> found.filter(it -> it.ending().isPresent())
                .map(it -> deliveries.redeliver(deliveryId, it, from).thenCompose(done -> done
                        .map(CompletableFuture::completedFuture)
                        .orElseGet(() -> redeliver(deliveryId, from).toCompletableFuture())))
                .orElseGet(() -> completedFuture(Redelivery.GONE)));
    }

    @Override
    public CompletionStage<List<Listed>> newest(String flow, Position after, int limit) {
        return newestFrom(flow, after, 0, limit, new ArrayList<>());
    }

    /**
     * Many may be of one instant: those that the page before ended among are read again and passed over. The page
     * is filled all the same: who merges the pages of several partitions takes a short one for the end.
     */
    private CompletionStage<List<Listed>> newestFrom(String flow, Position after, int offset, int limit,
            List<Position> found) {
        return link.send(Request.cmd(Command.ZRANGE).arg(keys.recent(flow))
                .arg(after.equals(Position.START) ? "+inf" : String.valueOf(after.createdMillis())).arg("-inf")
                .arg("BYSCORE").arg("REV").arg("LIMIT").arg(offset).arg(limit).arg("WITHSCORES"))
                .thenCompose(reply -> {
                    List<Position> rows = Scored.all(reply).stream()
                            .map(row -> new Position(row.score(), row.member())).toList();
                    rows.stream().filter(row -> row.isAfter(after)).limit(limit - found.size()).forEach(found::add);
                    return found.size() < limit && rows.size() == limit
                            ? newestFrom(flow, after, offset + limit, limit, found)
                            : snapshots(flow, found);
                });
    }

    private CompletionStage<List<Listed>> snapshots(String flow, List<Position> rows) {
        List<CompletableFuture<Listed>> listed = rows.stream()
                .map(row -> find(new CollationId(flow, row.resource()))
                        .thenApply(found -> new Listed(row, found)).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(listed.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> listed.stream().map(CompletableFuture::join).toList());
    }

    @Override
    public CompletionStage<Integer> count(String flow) {
        return link.send(Request.cmd(Command.ZCARD).arg(keys.recent(flow))).thenApply(Response::toInteger);
    }

    @Override
    public CompletionStage<List<DeadPart>> deadParts(DeadPart.Place after, int limit) {
        return deadParts.page(after, limit);
    }

    /** Where the resource lives another life by now, the answer is of that; nobody can collate the part then. */
    @Override
    public CompletionStage<Boolean> hasOutput(PartName part) {
        CompletionStage<Response> single = link.send(SnapshotReader.outputRequest(keys, part.id()));
        return link.send(Request.cmd(Command.ZCOUNT).arg(keys.outputs(part.id())).arg(part.index()).arg(part.index()))
                .thenCombine(single, (count, output) -> count.toInteger() > 0
                        || SnapshotReader.output(output).isPresent());
    }

    @Override
    public CompletionStage<Boolean> drop(CollationId id) {
        return link.send(SnapshotReader.request(keys, id)).thenCompose(hash -> {
            Optional<Snapshot> found = SnapshotReader.read(id, hash);
            if (found.isEmpty()) {
                return completedFuture(false);
            }
            Snapshot snapshot = found.get();
            String deliveryId = keys.deliveryId(snapshot.generation());
            List<String> declared = new ArrayList<>(
                    List.of(keys.meta(), keys.recent(id.flow()), keys.outbox(), keys.due(), keys.wake(), keys.dead(),
                            keys.deadLetters()));
            declared.addAll(ResourceKeys.all(keys, id, snapshot.generation(), snapshot.progress().highest()));
            return link.run(Script.DROP, declared, List.of(id.flow(), id.resource(), snapshot.generation(),
                    String.valueOf(snapshot.progress().highest()), deliveryId))
                    .thenCompose(reply -> reply.get(0).toString().equals("DROPPED") ? completedFuture(true) : drop(id));
        });
    }
}
