package io.ancillary.redis;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Collated;
import io.ancillary.collation.CollationId;
import io.ancillary.collation.CollationStore.Listed;
import io.ancillary.collation.Completion;
import io.ancillary.collation.DeadPart;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.LoggedAttempt;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Membership.Findings;
import io.ancillary.collation.Outcome;
import io.ancillary.collation.Part;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.Snapshot.DeliveryState;
import io.ancillary.collation.Snapshot.Ending;
import io.ancillary.collation.Snapshot.Progress;
import io.ancillary.collation.Snapshot.Terms;

/**
 * Makes answers of two stores comparable. Each gives names of its own to generations, journal entries and deliveries:
 * here they are called by the order in which they first appeared. Of instants only their presence counts.
 */
final class Aliases {
    private final Map<String, String> aliases = new HashMap<>();

    String of(String own) {
        return aliases.computeIfAbsent(own, name -> "#" + aliases.size());
    }

    /** Lists stay in order, sets have none. */
    Object plain(Object answer) {
        if (answer instanceof List<?> list) {
            return list.stream().map(this::plain).toList();
        }
        if (answer instanceof Set<?> set) {
            return set.stream().map(this::plain).collect(Collectors.toSet());
        }
        if (answer instanceof Optional<?> optional) {
            return optional.map(this::plain);
        }
        if (answer instanceof Acceptance.Accepted accepted) {
            return List.of("accepted", plain(accepted.part()));
        }
        if (answer instanceof Collated.Ended ended) {
            return List.of("ended", plain(ended.delivery()), ended.outcome()
                    .map(page -> List.of(plain(page.of()), page.results(), page.next())));
        }
        return plainRecord(answer);
    }

    private Object plainRecord(Object answer) {
        if (answer instanceof Part part) {
            // What its entry is called is of no account: two journals may call different parts the same.
            return new Part("", part.id(), of(part.generation()), part.index(), part.deaths(), part.attempts(),
                    part.body());
        }
        if (answer instanceof Completion.Taken taken) {
            return List.of("taken", plain(taken.delivery()));
        }
        if (answer instanceof Completion.TooLarge tooLarge) {
            return List.of("too large", plain(tooLarge.delivery()));
        }
        if (answer instanceof DeadPart dead) {
            return List.of(dead.name().id(), of(dead.name().generation()), dead.name().index(), dead.error());
        }
        if (answer instanceof Delivery delivery) {
            return new Delivery(of(delivery.id()), delivery.collation(), of(delivery.generation()), delivery.highest(),
                    delivery.attempts(), delivery.bytes(), delivery.callback());
        }
        if (answer instanceof Due due) {
            return new Due(due.id(), of(due.generation()));
        }
        if (answer instanceof Outcome outcome) {
            return List.of(plain(outcome.of()), outcome.results());
        }
        if (answer instanceof Findings findings) {
            return List.of(Set.copyOf(findings.silentReplicas()), ids(findings.dueDeliveries()),
                    plain(Set.copyOf(findings.dueCollations())), plain(Set.copyOf(findings.overdue())),
                    findings.next().map(Aliases::minutes));
        }
        if (answer instanceof LoggedAttempt logged) {
            return List.of(logged.number(), logged.attempt(), logged.next().isPresent());
        }
        if (answer instanceof Listed listed) {
            return List.of(listed.position().resource(), plain(listed.snapshot()));
        }
        if (answer instanceof Snapshot snapshot) {
            return new Standing(snapshot.id(), of(snapshot.generation()), snapshot.state(), snapshot.progress(),
                    minutes(Duration.between(snapshot.times().created(), snapshot.times().deadline())), snapshot.terms(),
                    snapshot.ending().map(this::end));
        }
        return answer;
    }

    /** Parts by what they are: which of those woken together comes first is a matter of a millisecond. */
    List<Part> inOrder(List<Part> parts) {
        return parts.stream().sorted(Comparator.comparing(part -> of(part.generation()) + " " + part.index())).toList();
    }

    /** Ids of deliveries, in no order. */
    Set<String> ids(Collection<String> deliveryIds) {
        return deliveryIds.stream().map(this::of).collect(Collectors.toSet());
    }

    /** Rounded, since what a case really takes passes in Redis only. */
    private static long minutes(Duration duration) {
        return Math.round(duration.toMillis() / 60_000.0);
    }

    private End end(Ending ending) {
        DeliveryState state = ending.delivery();
        return new End(ending.byDeadline(), ending.output(), ending.late(), ending.lateOutput(),
                new Way(of(state.id()), state.status(), state.attempts(), state.lastError(),
                        state.nextAttempt().isPresent()));
    }

    private record Standing(CollationId id, String generation, Snapshot.State state, Progress progress, long minutes,
            Terms terms, Optional<End> end) {
    }

    private record End(boolean byDeadline, Optional<String> output, int late, Optional<String> lateOutput, Way delivery) {
    }

    private record Way(String id, String status, int attempts, Optional<String> lastError, boolean waits) {
    }
}
