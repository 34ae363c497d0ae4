package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.DeadPart;
import io.ancillary.collation.DeadPart.Place;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.PartName;
import io.ancillary.collation.PartResult;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;

/** Reads which parts are dead: of each collation that has some, latest first, those that failed latest first. */
final class DeadParts {
    /** What dead parts stand behind in a collation's wakes, as the scripts have it. */
    private static final long DEAD = 1_000_000_000_000_000L;
    private static final int PAGE = 256;

    private final Keys keys;
    private final RedisLink link;

    DeadParts(Keys keys, RedisLink link) {
        this.keys = keys;
        this.link = link;
    }

    CompletionStage<List<DeadPart>> page(Place after, int limit) {
        return collationsFrom(after, 0, limit, new ArrayList<>());
    }

    /** Collations of one instant that came before are read again and passed over. */
    private CompletionStage<List<DeadPart>> collationsFrom(Place after, int offset, int limit, List<DeadPart> found) {
        String highest = after.equals(Place.START) ? "+inf" : String.valueOf(after.collationMillis());
        return link.send(range(keys.dead(), highest, "-inf", offset)).thenCompose(reply -> {
            List<Scored> rows = Scored.all(reply);
            return eachOf(rows, 0, after, limit, found).thenCompose(
                    done -> found.size() < limit && rows.size() == PAGE ? collationsFrom(after, offset + PAGE, limit, found)
                            : completedFuture(found));
        });
    }

    private CompletionStage<List<DeadPart>> eachOf(List<Scored> rows, int at, Place after, int limit, List<DeadPart> found) {
        if (at == rows.size() || found.size() >= limit) {
            return completedFuture(found);
        }
        Scored row = rows.get(at);
        boolean before = row.score() == after.collationMillis() && row.member().compareTo(after.collation()) > 0
                && !after.collation().isEmpty();
        CompletionStage<List<DeadPart>> parts = before ? completedFuture(found) : partsFrom(row, after, 0, limit, found);
        return parts.thenCompose(done -> eachOf(rows, at + 1, after, limit, found));
    }

    private CompletionStage<List<DeadPart>> partsFrom(Scored row, Place after, int offset, int limit, List<DeadPart> found) {
        Due collation = DueMember.read(row.member());
        return link.send(range(keys.wakes(collation.id()), latest(row, after), String.valueOf(DEAD), offset))
                .thenCompose(reply -> {
                    List<Scored> indices = Scored.all(reply);
                    List<Place> places = indices.stream()
                            .map(it -> new Place(row.score(), row.member(), it.score() - DEAD, Integer.parseInt(it.member())))
                            .filter(place -> isAfter(place, after)).limit(limit - found.size()).toList();
                    return withErrors(collation, places).thenCompose(parts -> {
                        found.addAll(parts);
                        return found.size() < limit && indices.size() == PAGE
                                ? partsFrom(row, after, offset + PAGE, limit, found)
                                : completedFuture(found);
                    });
                });
    }

    private static String latest(Scored row, Place after) {
        return row.member().equals(after.collation()) ? String.valueOf(DEAD + after.failedMillis()) : "+inf";
    }

    /** Within one collation, as Redis orders them: by time, and of one instant by the index as text, backwards. */
    private static boolean isAfter(Place place, Place after) {
        if (!place.collation().equals(after.collation())) {
            return true;
        }
        return place.failedMillis() != after.failedMillis() ? place.failedMillis() < after.failedMillis()
                : String.valueOf(place.index()).compareTo(String.valueOf(after.index())) < 0;
    }

    private CompletionStage<List<DeadPart>> withErrors(Due of, List<Place> places) {
        List<CompletableFuture<Optional<DeadPart>>> parts = places.stream()
                .map(place -> error(of.id(), place.index())
                        .thenApply(found -> found.map(error -> new DeadPart(
                                new PartName(of.id(), of.generation(), place.index()), error, place)))
                        .toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new)).thenApply(
                done -> parts.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList());
    }

    /** It stands beside the part where it could not be put among the outputs. Retried or removed meanwhile, it has none. */
    private CompletionStage<Optional<String>> error(CollationId id, int index) {
        return link.send(Request.cmd(Command.HGET).arg(keys.waiting(id)).arg(index + "!")).thenCompose(
                beside -> beside == null ? errorAmongOutputs(id, index) : completedFuture(Optional.of(beside.toString())));
    }

    private CompletionStage<Optional<String>> errorAmongOutputs(CollationId id, int index) {
        return link.send(Request.cmd(Command.ZRANGE).arg(keys.outputs(id)).arg(OutputMember.FAILED_AT + index)
                .arg(OutputMember.FAILED_AT + index).arg("BYSCORE"))
                .thenApply(members -> members.stream().map(member -> OutputMember.read(member.toString()).result())
                        .filter(PartResult.Failure.class::isInstance).map(result -> ((PartResult.Failure) result).error())
                        .findFirst());
    }

    private static Request range(String key, String highest, String lowest, int offset) {
        return Request.cmd(Command.ZRANGE).arg(key).arg(highest).arg(lowest).arg("BYSCORE").arg("REV")
                .arg("LIMIT").arg(offset).arg(PAGE).arg("WITHSCORES");
    }
}
