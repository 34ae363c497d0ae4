package io.ancillary.redis;

import static io.ancillary.redis.Calls.perItem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.Attempt;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Settlement;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** What a replica does with deliveries: takes them in flight, and says what came of them. */
final class DeliveryCalls {
    private final Calls calls;
    private final Keys keys;
    private final GroupCommit<Settled, Boolean> settles;

    DeliveryCalls(Calls calls) {
        this.calls = calls;
        this.keys = calls.keys();
        this.settles = new GroupCommit<>(calls.link().afterAnswer(),
                settled -> 2 * Calls.BYTES_BESIDES_BODY + 60 * settled.delivery().highest() / Keys.DIGESTS_IN_CHUNK,
                this::settleAll);
    }

    /** One that a script has just put in flight, of which it says what collations.lua calls its letter. */
    static Delivery begun(Keys keys, CollationId id, String generation, Response letter) {
        String[] words = letter.toString().split(" ", 3);
        return new Delivery(keys.deliveryId(generation), id, generation, Integer.parseInt(words[0]), 0,
                Long.parseLong(words[1]), Optional.of(words[2]).filter(callback -> !callback.isEmpty()));
    }

    CompletionStage<Boolean> settle(Delivery delivery, Settlement settlement) {
        return settles.submit(new Settled(delivery, settlement));
    }

    private CompletionStage<List<Boolean>> settleAll(List<Settled> group) {
        List<String> declared = new ArrayList<>(List.of(keys.flight(calls.replica()), keys.outbox(), keys.due(), keys.meta(),
                keys.deadLetters()));
        List<String> args = new ArrayList<>(List.of(String.valueOf(calls.settings().retention().toMillis()),
                String.valueOf(calls.settings().deadRetention().toMillis())));
        for (Settled settled : group) {
            Delivery delivery = settled.delivery();
            List<String> others = ResourceKeys.ofEnded(keys, delivery.collation(), delivery.highest());
            declared.add(keys.delivery(delivery.id()));
            declared.add(keys.collation(delivery.collation()));
            declared.addAll(others);
            args.add(delivery.id());
            args.addAll(arguments(settled.settlement()));
            args.add(DueMember.of(delivery.collation(), delivery.generation()));
            args.add(String.valueOf(others.size()));
        }
        return calls.link().run(Script.SETTLE, declared, args).thenApply(reply -> {
            calls.clock().observe(reply.get(0).toLong());
            return perItem(group, (settled, i) -> reply.get(1 + i).toInteger() == 1);
        });
    }

    /** Result, wait, the attempt as it is logged or how long it may be postponed, error. */
    private static List<String> arguments(Settlement settlement) {
        if (settlement instanceof Settlement.Postponed postponed) {
            return List.of("postponed", String.valueOf(postponed.retryIn().toMillis()),
                    String.valueOf(postponed.most().toMillis()), Settlement.Postponed.ERROR);
        }
        if (settlement instanceof Settlement.Failed failed) {
            return arguments("failed", failed.retryIn(), failed.attempt());
        }
        return settlement instanceof Settlement.Dead dead ? arguments("dead", Duration.ZERO, dead.attempt())
                : arguments("delivered", Duration.ZERO, ((Settlement.Delivered) settlement).attempt());
    }

    private static List<String> arguments(String result, Duration wait, Attempt attempt) {
        return List.of(result, String.valueOf(wait.toMillis()), AttemptText.write(attempt), attempt.error());
    }

    CompletionStage<List<String>> inFlight() {
        return calls.link().send(Request.cmd(Command.SMEMBERS).arg(keys.flight(calls.replica())))
                .thenApply(ids -> Calls.texts(ids).toList());
    }

    CompletionStage<List<String>> claim(List<String> deliveryIds) {
        List<String> args = Stream.concat(Stream.of(calls.replica(), calls.notAfter()), deliveryIds.stream()).toList();
        List<String> declared = Stream.concat(
                Stream.of(keys.outbox(), keys.replicas(), keys.flight(calls.replica()), keys.meta()),
                deliveryIds.stream().map(keys::delivery)).toList();
        return calls.run(Script.CLAIM, declared, args)
                .thenApply(reply -> IntStream.range(0, deliveryIds.size())
                        .filter(i -> reply.get(2 + i).toInteger() == 1).mapToObj(deliveryIds::get).toList());
    }

    CompletionStage<Void> release(String deliveryId) {
        return calls.link().send(Request.cmd(Command.SREM).arg(keys.flight(calls.replica())).arg(deliveryId))
                .thenApply(reply -> null);
    }

    private record Settled(Delivery delivery, Settlement settlement) {
    }
}
