package io.ancillary.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

import io.ancillary.collation.FormatMismatchException;
import io.ancillary.collation.StoreSettings;
import io.ancillary.collation.StoreUnavailableException;
import io.vertx.redis.client.Response;

/**
 * How many partitions there are, which partition 0 says for all. It may change while all that there were are idle. Each
 * script sees one of them, so they are given up one after another, and partition 0 last; the protocol stands above
 * {@code vacate.lua}.
 */
final class Layout {
    /** Of the keys and their contents, kept in Redis: who does not know it must not touch them. */
    static final String FORMAT = "1";

    private final RedisLink link;
    private final StoreSettings settings;

    Layout(RedisLink link, StoreSettings settings) {
        this.link = link;
        this.settings = settings;
    }

    /** What is done to a partition that is given up. */
    enum Step {
        ANNOUNCE,
        LEAVE,
        SETTLE
    }

    private record Kept(String format, String partitions) {
        boolean isNone() {
            return format.isEmpty();
        }
    }

    /** Changes the number to ours if it is another; for whoever is about to join partition 0. */
    CompletionStage<Void> settle() {
        return kept().thenCompose(kept -> {
            if (kept.isNone() || isOurs(kept)) {
                return completedFuture(null);
            }
            return kept.format().equals(FORMAT) ? change(kept) : failedFuture(mismatch(kept, ""));
        });
    }

    /** Fails while partition 0 does not say our number: whoever joins there sees to that, or refuses to run. */
    CompletionStage<Void> check() {
        return kept().thenCompose(kept -> isOurs(kept) ? completedFuture(null)
                : failedFuture(new StoreUnavailableException("partition 0 is not laid out for " + settings.partitions()
                        + " partitions")));
    }

    private CompletionStage<Void> change(Kept kept) {
        return step(kept, 0, Step.ANNOUNCE)
                .thenCompose(announced -> leaveFrom(kept, Integer.parseInt(kept.partitions()) - 1))
                .thenCompose(left -> step(kept, 0, Step.SETTLE));
    }

    private CompletionStage<Void> leaveFrom(Kept kept, int partition) {
        return partition == 0 ? completedFuture(null)
                : step(kept, partition, Step.LEAVE).thenCompose(left -> leaveFrom(kept, partition - 1));
    }

    private CompletionStage<Void> step(Kept kept, int partition, Step step) {
        return vacate(partition, step).thenCompose(answer -> switch (answer) {
            case "OK" -> completedFuture(null);
            case "BUSY" -> failedFuture(mismatch(kept, ", and partition " + partition + " is not idle"));
            case "CALLED_OFF" -> failedFuture(mismatch(kept, ", and another replica started meanwhile"));
            default -> failedFuture(mismatch(kept, ", and partition " + partition + " is of another format"));
        });
    }

    CompletionStage<String> vacate(int partition, Step step) {
        Keys keys = Keys.of(partition);
        return link.run(Script.VACATE, List.of(keys.replicas(), keys.meta()),
                List.of(FORMAT, number(), String.valueOf(settings.lease().toMillis()),
                        step.name().toLowerCase(Locale.ROOT)))
                .thenApply(reply -> reply.get(0).toString());
    }

    private CompletionStage<Kept> kept() {
        return link.run(Script.PARTITIONS, List.of(Keys.of(0).meta()), List.of(FORMAT, number()))
                .thenApply(reply -> new Kept(reply.get(0).toString(), reply.get(1).toString()));
    }

    private boolean isOurs(Kept kept) {
        return kept.format().equals(FORMAT) && kept.partitions().equals(number());
    }

    private String number() {
        return String.valueOf(settings.partitions());
    }

    /** For a join that found another layout than partition 0 had said. */
    FormatMismatchException mismatch(Response format, Response partitions) {
        return mismatch(new Kept(format.toString(), partitions.toString()), "");
    }

    private FormatMismatchException mismatch(Kept kept, String why) {
        return new FormatMismatchException("Redis holds format " + kept.format() + " with " + kept.partitions()
                + " partitions, this replica is set to format " + FORMAT + " with " + settings.partitions() + why);
    }
}
