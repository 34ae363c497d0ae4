package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.ancillary.collation.ExpelledException;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.vertx.redis.client.Response;

/** How a replica calls the scripts of its partition: under its name, and until when a call may be carried out. */
record Calls(String replica, Keys keys, RedisLink link, ServerClock clock, StoreSettings settings) {
    static final int BYTES_BESIDES_BODY = 200;

    String notAfter() {
        return String.valueOf(clock.in(link.timeout()));
    }

    /** For the scripts whose second answer says whether this replica may go on. */
    CompletionStage<Response> run(Script script, List<String> declared, List<String> args) {
        return link.run(script, declared, args).thenCompose(reply -> {
            clock.observe(reply.get(0).toLong());
            return switch (reply.get(1).toString()) {
                case "OK" -> completedFuture(reply);
                case "EXPELLED" -> failedFuture(new ExpelledException(replica));
                default -> failedFuture(new StoreUnavailableException("the call reached Redis too late"));
            };
        });
    }

    static String flag(boolean value) {
        return value ? "1" : "0";
    }

    static Stream<String> texts(Response array) {
        return array.stream().map(Response::toString);
    }

    /** Of an answer that is one text, which costs less to send and to read than one of many. */
    static String[] words(Response text) {
        return text.toString().split(" ", -1);
    }

    static <I, A> List<A> perItem(List<I> items, BiFunction<I, Integer, A> answer) {
        return IntStream.range(0, items.size()).mapToObj(i -> answer.apply(items.get(i), i)).toList();
    }
}
