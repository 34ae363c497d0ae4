package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import io.ancillary.collation.Snapshot;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** Reads which indices of a collation were received: those that have a digest. */
final class Digests {
    private final Keys keys;
    private final RedisLink link;

    Digests(Keys keys, RedisLink link) {
        this.keys = keys;
        this.link = link;
    }

    /** All indices received. */
    CompletionStage<BitSet> received(Snapshot of) {
        return receivedFrom(of, of.first(), new BitSet());
    }

    private CompletionStage<BitSet> receivedFrom(Snapshot of, int from, BitSet found) {
        if (from > of.upTo()) {
            return completedFuture(found);
        }
        return read(of, from).thenCompose(indices -> {
            found.or(indices);
            return receivedFrom(of, endOf(from) + 1, found);
        });
    }

    /** The first so many indices that were not received; reads no further than it must. */
    CompletionStage<List<Integer>> missing(Snapshot of, int limit) {
        return missingFrom(of, of.first(), Math.min(limit, of.missing()), new ArrayList<>());
    }

    private CompletionStage<List<Integer>> missingFrom(Snapshot of, int from, int most, List<Integer> found) {
        if (from > of.upTo() || found.size() >= most) {
            return completedFuture(found);
        }
        return read(of, from).thenCompose(received -> {
            IntStream.rangeClosed(from, Math.min(of.upTo(), endOf(from))).filter(index -> !received.get(index))
                    .limit(most - found.size()).forEach(found::add);
            return missingFrom(of, endOf(from) + 1, most, found);
        });
    }

    /** The indices in the hash that holds this one. Its other fields are words. */
    private CompletionStage<BitSet> read(Snapshot of, int index) {
        return link.send(Request.cmd(Command.HKEYS).arg(keys.digests(of.id(), index))).thenApply(fields -> {
            BitSet indices = new BitSet();
            fields.stream().map(Response::toString).filter(field -> Character.isDigit(field.charAt(0)))
                    .mapToInt(Integer::parseInt).forEach(indices::set);
            return indices;
        });
    }

    /** The last index in the hash that holds this one. */
    private static int endOf(int index) {
        int chunk = index <= Keys.DIGESTS_IN_COLLATION ? -1 : (index - Keys.firstOfChunk(0)) / Keys.DIGESTS_IN_CHUNK;
        return Keys.firstOfChunk(chunk + 1) - 1;
    }
}
