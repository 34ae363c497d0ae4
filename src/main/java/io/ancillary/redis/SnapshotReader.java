package io.ancillary.redis;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.collation.Snapshot.Progress;
import io.ancillary.collation.Snapshot.State;
import io.ancillary.collation.Snapshot.Terms;
import io.ancillary.collation.Snapshot.Times;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** Reads the hashes of a collation and of its delivery. */
final class SnapshotReader {
    private static final String[] FIELDS = { "state", "gen", "first", "last", "max", "received", "processed", "failed",
            "created", "updated", "deadline", "callback", "request",
            "ended", "expired", "output", "late", "late_output", "delivery", "waiting" };
    private static final String[] DELIVERY_FIELDS = { "attempts", "error", "delivered", "died" };
    private static final int ENDED = 13;
    private static final int WORDS_OF_ENDED = 10;
    private static final State[] STATES = State.values();

    private SnapshotReader() {
    }

    static Request request(Keys keys, CollationId id) {
        return hmget(keys.collation(id), FIELDS);
    }

    /** Of a collation of a single part, where it does not stand among the outputs; of any other there is none. */
    static Request outputRequest(Keys keys, CollationId id) {
        return Request.cmd(Command.HGET).arg(keys.collation(id)).arg("output");
    }

    static Request deliveryRequest(Keys keys, String deliveryId) {
        return hmget(keys.delivery(deliveryId), DELIVERY_FIELDS);
    }

    private static Request hmget(String key, String... fields) {
        Request request = Request.cmd(Command.HMGET).arg(key);
        for (String field : fields) {
            request.arg(field);
        }
        return request;
    }

    /** The collation; of its delivery only the id, until {@link #withDelivery} adds the rest. */
    static Optional<Snapshot> read(CollationId id, Response hash) {
        if (hash.get(0) == null) {
            return Optional.empty();
        }
        return Optional.of(new Snapshot(id, hash.get(1).toString(),
                state(hash.get(0).toString()),
                new Progress(number(hash.get(2)), optionalNumber(hash.get(3)), number(hash.get(4)), number(hash.get(5)),
                        number(hash.get(6)), number(hash.get(7)), number(hash.get(19))),
                new Times(instant(hash.get(8)).orElseThrow(), instant(hash.get(9)).orElseThrow(),
                        instant(hash.get(10)).orElseThrow()),
                new Terms(text(hash.get(11)), text(hash.get(12))), ending(hash)));
    }

    /**
     * The collation of a delivery that its last part has just begun, from what collate.lua says of it.
     *
     * @param words state, first, last or a dash, highest, received, processed, failed, created, now, deadline
     * @param output of a single part, unless it was not taken
     */
    static Snapshot ended(Delivery delivery, String words, Optional<String> request, Optional<String> output) {
        String[] word = words.split(" ", -1);
        if (word.length != WORDS_OF_ENDED) {
            throw new IllegalArgumentException("somebody else's words are among these: " + words);
        }
        Instant now = instant(word[8]);
        int failed = Integer.parseInt(word[6]);
        return new Snapshot(delivery.collation(), delivery.generation(), state(word[0]),
                new Progress(Integer.parseInt(word[1]),
                        word[2].equals("-") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(word[2])),
                        Integer.parseInt(word[3]), Integer.parseInt(word[4]), Integer.parseInt(word[5]),
                        failed, 0),
                new Times(instant(word[7]), now, instant(word[9])), new Terms(delivery.callback(), request),
                Optional.of(new Ending(now, false, output.filter(it -> failed == 0), 0, Optional.empty(),
                        DeliveryState.begun(delivery.id()))));
    }

    private static State state(String kept) {
        for (State state : STATES) {
            if (state.name().equalsIgnoreCase(kept)) {
                return state;
            }
        }
        throw new IllegalStateException("there is no state " + kept);
    }

    private static Optional<Ending> ending(Response hash) {
        return instant(hash.get(ENDED)).map(at -> new Ending(at, hash.get(14) != null,
                output(hash.get(15)), number(hash.get(16)),
                output(hash.get(17)), DeliveryState.begun(hash.get(18).toString())));
    }

    static Snapshot withDelivery(Snapshot of, Response delivery, @Nullable Response nextAttempt) {
        return new Snapshot(of.id(), of.generation(), of.state(), of.progress(), of.times(), of.terms(),
                of.ending().map(ending -> new Ending(ending.at(), ending.byDeadline(), ending.output(), ending.late(),
                        ending.lateOutput(), state(ending.delivery().id(), delivery, nextAttempt))));
    }

    private static DeliveryState state(String id, Response delivery, @Nullable Response nextAttempt) {
        return new DeliveryState(id, number(delivery.get(0)), text(delivery.get(1)), score(nextAttempt),
                instant(delivery.get(2)), instant(delivery.get(3)));
    }

    /** Without its mark, if that says that it is one. */
    static Optional<String> output(@Nullable Response marked) {
        return text(marked).flatMap(SnapshotReader::unmarked);
    }

    static Optional<String> unmarked(String result) {
        return result.startsWith("=") ? Optional.of(result.substring(1)) : Optional.empty();
    }

    private static Optional<String> text(@Nullable Response value) {
        return Optional.ofNullable(value).map(Response::toString);
    }

    private static int number(@Nullable Response value) {
        return value == null ? 0 : value.toInteger();
    }

    private static OptionalInt optionalNumber(@Nullable Response value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(number(value));
    }

    /** The client has a score in whatever form a double is written. */
    private static Optional<Instant> score(@Nullable Response millis) {
        return text(millis).map(value -> Instant.ofEpochMilli((long) Double.parseDouble(value)));
    }

    private static Optional<Instant> instant(@Nullable Response millis) {
        return text(millis).map(SnapshotReader::instant);
    }

    private static Instant instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }
}
