package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStore.DeliveryPage;
import io.ancillary.collation.CollationStore.DeliveryRow;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.CollationStore.Position;
import io.ancillary.collation.Snapshot;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;

/**
 * Lists deliveries by where they are: the dead letters, the outbox and what is in flight, or the newest collations. A
 * place in it is the word for where, a score, and a member; many may have one score, so that those of the page before
 * are read again and passed over.
 */
final class DeliveryListing {
    private static final String FLIGHT = "flight";
    private static final String OUTBOX = "outbox";

    private final Keys keys;
    private final RedisLink link;
    private final CollationStore store;

    DeliveryListing(Keys keys, RedisLink link, CollationStore store) {
        this.keys = keys;
        this.link = link;
        this.store = store;
    }

    CompletionStage<DeliveryPage> page(DeliveryStatus status, List<String> flows, String after, int limit) {
        return switch (status) {
            case DEAD -> scored(keys.deadLetters(), true, Place.read(after), limit)
                    .thenCompose(rows -> page(rows, "letters", limit));
            case PENDING -> Place.read(after).where().equals(OUTBOX) ? waiting(Place.read(after), limit)
                    : inFlight(Place.read(after), limit);
            default -> ended(status, flows, Place.read(after), limit);
        };
    }

    /** Those in flight are few, and go first. One that another has delivered is, until its owner hears of it. */
    private CompletionStage<DeliveryPage> inFlight(Place after, int limit) {
        return link.send(Request.cmd(Command.ZRANGE).arg(keys.replicas()).arg(0).arg(-1)).thenCompose(replicas -> {
            List<CompletableFuture<List<String>>> flights = Calls.texts(replicas)
                    .map(replica -> link.send(Request.cmd(Command.SMEMBERS).arg(keys.flight(replica)))
                            .thenApply(ids -> Calls.texts(ids).toList()).toCompletableFuture())
                    .toList();
            return all(flights);
        }).thenCompose(ids -> {
            List<String> rest = ids.stream().flatMap(List::stream).distinct().sorted()
                    .filter(id -> id.compareTo(after.member()) > 0).toList();
            List<Row> rows = rest.stream().limit(limit).map(id -> new Row(0, id)).toList();
            String next = rest.size() > limit ? rows.get(limit - 1).place(FLIGHT) : OUTBOX + " 0 ";
            return collations(rows, FLIGHT).thenApply(found -> new DeliveryPage(
                    found.stream().filter(row -> isPending(row.collation())).toList(), rows.size(), Optional.of(next)));
        });
    }

    private static boolean isPending(Snapshot collation) {
        return collation.ending().filter(it -> it.delivery().status().equals("pending")).isPresent();
    }

    private CompletionStage<DeliveryPage> waiting(Place after, int limit) {
        return scored(keys.outbox(), false, after, limit).thenCompose(rows -> page(rows, OUTBOX, limit));
    }

    /** One flow after another; a page ends where a flow does. */
    private CompletionStage<DeliveryPage> ended(DeliveryStatus status, List<String> flows, Place after, int limit) {
        int at = Math.max(0, flows.indexOf(after.where()));
        String flow = flows.get(at);
        Position position = after.member().isEmpty() ? Position.START : new Position(after.score(), after.member());
        return store.newest(flow, position, limit).thenApply(rows -> {
            Optional<String> further = at + 1 < flows.size() ? Optional.of(flows.get(at + 1) + " 0 ") : Optional.empty();
            Optional<String> next = rows.size() < limit ? further
                    : Optional.of(placeOf(flow, rows.get(rows.size() - 1).position()));
            return new DeliveryPage(rows.stream().flatMap(row -> row.snapshot().stream()
                    .filter(it -> it.ending().isPresent() && (status == DeliveryStatus.ANY || it.isDelivered()))
                    .map(it -> new DeliveryRow(it, placeOf(flow, row.position())))).toList(), rows.size(), next);
        });
    }

    private static String placeOf(String flow, Position position) {
        return flow + " " + position.createdMillis() + " " + position.resource();
    }

    private CompletionStage<DeliveryPage> page(List<Row> rows, String where, int limit) {
        Optional<String> next = rows.size() < limit ? Optional.empty() : Optional.of(rows.get(limit - 1).place(where));
        return collations(rows, where).thenApply(found -> new DeliveryPage(found, rows.size(), next));
    }

    private CompletionStage<List<DeliveryRow>> collations(List<Row> rows, String where) {
        return all(rows.stream().map(row -> store.delivered(row.member())
                .thenApply(found -> found.map(it -> new DeliveryRow(it, row.place(where)))).toCompletableFuture()).toList())
                .thenApply(found -> found.stream().flatMap(Optional::stream).toList());
    }

    private static <T> CompletionStage<List<T>> all(List<CompletableFuture<T>> stages) {
        return CompletableFuture.allOf(stages.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> stages.stream().map(CompletableFuture::join).toList());
    }

    /** So many rows behind a place in a sorted set, upwards or downwards. */
    private CompletionStage<List<Row>> scored(String key, boolean down, Place after, int limit) {
        return scoredFrom(key, down, after, 0, limit, new ArrayList<>());
    }

    private CompletionStage<List<Row>> scoredFrom(String key, boolean down, Place after, int offset, int limit,
            List<Row> found) {
        String start = !after.member().isEmpty() ? String.valueOf(after.score()) : down ? "+inf" : "-inf";
        Request request = Request.cmd(Command.ZRANGE).arg(key).arg(start).arg(down ? "-inf" : "+inf").arg("BYSCORE");
        if (down) {
            request.arg("REV");
        }
        return link.send(request.arg("LIMIT").arg(offset).arg(limit).arg("WITHSCORES")).thenCompose(reply -> {
            List<Row> rows = Scored.all(reply).stream().map(it -> new Row(it.score(), it.member())).toList();
            rows.stream().filter(row -> row.isBehind(after, down)).limit(limit - found.size()).forEach(found::add);
            return found.size() < limit && rows.size() == limit
                    ? scoredFrom(key, down, after, offset + limit, limit, found)
                    : completedFuture(found);
        });
    }

    /** A member of a sorted set. */
    private record Row(long score, String member) {

        boolean isBehind(Place after, boolean down) {
            if (after.member().isEmpty() || score != after.score()) {
                return true;
            }
            int order = member.compareTo(after.member());
            return down ? order < 0 : order > 0;
        }

        String place(String where) {
            return where + " " + score + " " + member;
        }
    }

    /** Where a page ended. */
    private record Place(String where, long score, String member) {

        static Place read(String text) {
            String[] words = text.split(" ", 3);
            return words.length < 3 ? new Place("", 0, "") : new Place(words[0], Long.parseLong(words[1]), words[2]);
        }
    }
}
