package io.ancillary.operate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import org.jspecify.annotations.Nullable;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.CollationStore.DeliveryPage;
import io.ancillary.collation.CollationStore.DeliveryRow;
import io.ancillary.collation.CollationStore.DeliveryStatus;
import io.ancillary.collation.Partitions;
import io.ancillary.collation.Redelivery;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.delivery.Ports;
import io.ancillary.http.ProblemException;
import io.ancillary.pipeline.Engine;
import io.ancillary.pipeline.FlowDefinition;
import io.quarkus.arc.All;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/** The deliveries of one partition after another. A filter looks at each, so a page may end early. */
@ApplicationScoped
class Deliveries {
    private static final int MOST_LOOKED_AT = 5000;
    private static final int LOOK_AT_A_TIME = 250;
    private static final int MOST_REDELIVERED = 10_000;
    private static final int REDELIVER_AT_ONCE = 32;

    private final Partitions partitions;
    private final Engine engine;
    private final Map<String, FlowDefinition> flows;
    private final List<String> names;

    Deliveries(Partitions partitions, Engine engine, @All List<FlowDefinition> flows) {
        this.partitions = partitions;
        this.engine = engine;
        this.flows = flows.stream().collect(Collectors.toUnmodifiableMap(flow -> flow.flow().name(), Function.identity()));
        this.names = this.flows.keySet().stream().sorted().toList();
    }

    /** Which deliveries: of a status, to a host or host and port, and that came to it no earlier than a time. */
    record Wanted(DeliveryStatus status, Optional<String> host, Optional<Instant> since) {
    }

    /** A page; without a cursor it is the last. */
    record Page(List<Snapshot> rows, @Nullable String nextCursor) {
    }

    /** How many are made once more; without a cursor there are no others. */
    record Redelivered(int count, @Nullable String nextCursor) {
    }

    Uni<Page> page(Wanted wanted, int limit, @Nullable String cursor) {
        return page(wanted, limit, Place.read(cursor), new ArrayList<>(), 0);
    }

    private Uni<Page> page(Wanted wanted, int limit, Place from, List<Snapshot> found, int lookedAt) {
        if (from.partition() >= partitions.stores().size()) {
            return Uni.createFrom().item(new Page(found, null));
        }
        if (lookedAt >= MOST_LOOKED_AT) {
            return Uni.createFrom().item(new Page(found, from.write()));
        }
        // Further each time: a filter that lets few pass should not be asked row by row.
        int count = Math.min(Math.max(limit, 2 * lookedAt), LOOK_AT_A_TIME);
        return next(wanted.status(), from, count).chain(page -> {
            for (DeliveryRow row : page.rows()) {
                if (isWanted(wanted, row.collation())) {
                    found.add(row.collation());
                }
                if (found.size() == limit) {
                    return Uni.createFrom().item(new Page(found, new Place(from.partition(), row.place()).write()));
                }
            }
            return page(wanted, limit, from.behind(page), found, lookedAt + Math.max(1, page.lookedAt()));
        });
    }

    private Uni<DeliveryPage> next(DeliveryStatus status, Place from, int count) {
        CollationStore store = partitions.stores().get(from.partition());
        return Uni.createFrom().completionStage(() -> store.deliveries(status, names, from.after(), count));
    }

    private boolean isWanted(Wanted wanted, Snapshot row) {
        boolean there = wanted.host().isEmpty() || target(row).filter(to -> wanted.host().get().equalsIgnoreCase(to.getHost())
                || wanted.host().get().equalsIgnoreCase(to.getHost() + ":" + Ports.of(to))).isPresent();
        return there && (wanted.since().isEmpty() || !when(row).isBefore(wanted.since().get()));
    }

    private static Instant when(Snapshot row) {
        DeliveryState state = row.ending().orElseThrow().delivery();
        return state.deliveredAt().or(state::diedAt).orElseGet(() -> row.ending().orElseThrow().at());
    }

    private Optional<URI> target(Snapshot collation) {
        return collation.terms().callback().map(URI::create)
                .or(() -> Optional.ofNullable(flows.get(collation.id().flow())).flatMap(FlowDefinition::webhook));
    }

    /** Where it goes, without credentials and query. */
    Optional<String> url(Snapshot collation) {
        return target(collation).map(to -> to.getScheme().toLowerCase(Locale.ROOT) + "://" + to.getHost()
                + (to.getPort() < 0 ? "" : ":" + to.getPort()) + (to.getRawPath() == null ? "" : to.getRawPath()));
    }

    /** One delivery with its log; empty when there is none of this id. */
    Uni<Optional<DeliveryView>> find(String id) {
        Optional<CollationStore> store = partitions.named(id);
        if (store.isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return Uni.combine().all().unis(
                Uni.createFrom().completionStage(() -> store.get().delivered(id)),
                Uni.createFrom().completionStage(() -> store.get().attempts(id)))
                .with((found, log) -> found.filter(it -> it.ending().isPresent())
                        .map(it -> DeliveryView.of(it, url(it), log)));
    }

    Uni<Redelivery> redeliver(String id) {
        return engine.redeliver(id, DeliveryStatus.ANY);
    }

    /** Page by page: what is made once more leaves the list that is gone through, or goes to the other end of it. */
    Uni<Redelivered> redeliverAll(Wanted wanted, @Nullable String cursor) {
        return redeliverFrom(wanted, Place.read(cursor), 0, 0);
    }

    private Uni<Redelivered> redeliverFrom(Wanted wanted, Place from, int begun, int lookedAt) {
        if (from.partition() >= partitions.stores().size()) {
            return Uni.createFrom().item(new Redelivered(begun, null));
        }
        if (lookedAt >= MOST_REDELIVERED) {
            return Uni.createFrom().item(new Redelivered(begun, from.write()));
        }
        return next(wanted.status(), from, LOOK_AT_A_TIME).chain(page -> Multi.createFrom()
                .iterable(page.rows().stream().map(DeliveryRow::collation).filter(row -> isWanted(wanted, row)).toList())
                .onItem()
                .transformToUni(row -> engine.redeliver(row.ending().orElseThrow().delivery().id(), wanted.status()))
                .merge(REDELIVER_AT_ONCE)
                .filter(done -> done == Redelivery.BEGUN).collect().asList()
                .chain(done -> redeliverFrom(wanted, from.behind(page), begun + done.size(),
                        lookedAt + Math.max(1, page.lookedAt()))));
    }

    /** Opaque to clients, safe in a URL: the partition, and where in it a page ended. */
    private record Place(int partition, String after) {
        private static final Pattern FORM = Pattern.compile("(\\d{1,4}) (|[a-z]{0,20} \\d{1,18} \\S{0,200})");

        static Place read(@Nullable String cursor) {
            if (cursor == null || cursor.isEmpty()) {
                return new Place(0, "");
            }
            try {
                Matcher words = FORM.matcher(new String(Base64.getUrlDecoder().decode(cursor), UTF_8));
                if (words.matches()) {
                    return new Place(Integer.parseInt(words.group(1)), words.group(2));
                }
            } catch (IllegalArgumentException e) {
                // Not ours: answered below.
            }
            throw ProblemException.invalid("cursor must be the next_cursor of a page before");
        }

        Place behind(DeliveryPage page) {
            return page.next().map(next -> new Place(partition, next)).orElseGet(() -> new Place(partition + 1, ""));
        }

        String write() {
            return Base64.getUrlEncoder().withoutPadding().encodeToString((partition + " " + after).getBytes(UTF_8));
        }
    }
}
