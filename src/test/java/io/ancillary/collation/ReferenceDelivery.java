package io.ancillary.collation;

import java.time.Instant;
import java.util.Optional;

/** The delivery of one outcome: in flight at somebody, waiting for its next attempt, or made. */
final class ReferenceDelivery {
    private final String id;
    private final ReferenceCollation of;
    private int attempts;
    private Optional<String> lastError = Optional.empty();
    private Optional<Instant> nextAttempt = Optional.empty();
    private Optional<Instant> delivered = Optional.empty();

    ReferenceDelivery(String id, ReferenceCollation of) {
        this.id = id;
        this.of = of;
    }

    String id() {
        return id;
    }

    ReferenceCollation collation() {
        return of;
    }

    boolean isPending() {
        return delivered.isEmpty();
    }

    /** Whether it waits for an attempt whose time has come; in flight it waits for none. */
    boolean isDue(Instant now) {
        return isPending() && nextAttempt.filter(due -> !due.isAfter(now)).isPresent();
    }

    Instant due() {
        return nextAttempt.orElseThrow();
    }

    Optional<Instant> nextAttempt() {
        return nextAttempt;
    }

    void takeOff() {
        nextAttempt = Optional.empty();
    }

    void deliver(int more, Instant now) {
        attempts += more;
        delivered = Optional.of(now);
        nextAttempt = Optional.empty();
    }

    void fail(int more, String error) {
        attempts += more;
        lastError = Optional.of(error);
    }

    void waitUntil(Instant next) {
        nextAttempt = Optional.of(next);
    }

    Delivery asDelivery() {
        return new Delivery(id, of.id(), of.generation(), of.highest(), attempts, of.outputBytes());
    }

    /** As it was when the collation ended. */
    Snapshot.DeliveryState asBegun() {
        return new Snapshot.DeliveryState(id, false, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }

    Snapshot.DeliveryState asState() {
        return new Snapshot.DeliveryState(id, !isPending(), attempts, lastError, nextAttempt, delivered);
    }
}
