package io.ancillary.redis;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.CollationId;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.collation.Snapshot.State;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** Reads the hashes of a collation and of its delivery. */
final class SnapshotReader {

    private SnapshotReader() {
    }

    static Request request(Keys keys, CollationId id) {
        return Request.cmd(Command.HMGET).arg(keys.collation(id))
                .arg("state").arg("gen").arg("first").arg("last").arg("max")
                .arg("received").arg("processed").arg("failed")
                .arg("created").arg("updated").arg("ended").arg("delivery");
    }

    static Optional<Snapshot> read(CollationId id, Response hash) {
        @Nullable
        Response state = hash.get(0);
        if (state == null) {
            return Optional.empty();
        }
        return Optional.of(new Snapshot(id, hash.get(1).toString(),
                State.valueOf(state.toString().toUpperCase(Locale.ROOT)), number(hash.get(2)),
                hash.get(3) == null ? OptionalInt.empty() : OptionalInt.of(number(hash.get(3))), number(hash.get(4)),
                number(hash.get(5)), number(hash.get(6)), number(hash.get(7)),
                Instant.ofEpochMilli(hash.get(8).toLong()), Instant.ofEpochMilli(hash.get(9).toLong()),
                instant(hash.get(10)), Optional.empty()));
    }

    static Optional<String> deliveryId(Response hash) {
        return Optional.ofNullable(hash.get(11)).map(Response::toString);
    }

    static Request deliveryRequest(Keys keys, String deliveryId) {
        return Request.cmd(Command.HMGET).arg(keys.delivery(deliveryId))
                .arg("status").arg("attempts").arg("error").arg("delivered");
    }

    static Snapshot withDelivery(Snapshot of, String id, Response delivery, @Nullable Response nextAttempt) {
        boolean delivered = delivery.get(0) != null && delivery.get(0).toString().equals("delivered");
        DeliveryState state = new DeliveryState(id, delivered, number(delivery.get(1)),
                Optional.ofNullable(delivery.get(2)).map(Response::toString), instant(nextAttempt),
                instant(delivery.get(3)));
        return new Snapshot(of.id(), of.generation(), of.state(), of.first(), of.last(), of.highest(), of.received(),
                of.processed(), of.failed(), of.created(), of.updated(), of.ended(), Optional.of(state));
    }

    private static int number(@Nullable Response value) {
        return value == null ? 0 : value.toInteger();
    }

    private static Optional<Instant> instant(@Nullable Response millis) {
        return Optional.ofNullable(millis).map(value -> Instant.ofEpochMilli((long) Double.parseDouble(value.toString())));
    }
}
