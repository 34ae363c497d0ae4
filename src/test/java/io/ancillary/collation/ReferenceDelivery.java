package io.ancillary.collation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The delivery of one outcome: in flight at somebody, waiting for its next attempt, made, or given up. */
final class ReferenceDelivery {
    private final String id;
    private final ReferenceCollation of;
    private final List<LoggedAttempt> log = new ArrayList<>();
    private int before;
    private Instant begun;
    private Optional<String> lastError = Optional.empty();
    private Optional<Instant> nextAttempt = Optional.empty();
    private Optional<Instant> delivered = Optional.empty();
    private Optional<Instant> died = Optional.empty();

    ReferenceDelivery(String id, ReferenceCollation of, Instant now) {
        this.id = id;
        this.begun = now;
        this.of = of;
    }

    String id() {
        return id;
    }

    ReferenceCollation collation() {
        return of;
    }

    boolean isPending() {
        return delivered.isEmpty() && died.isEmpty();
    }

    boolean isDead() {
        return died.isPresent();
    }

    boolean isDelivered() {
        return delivered.isPresent();
    }

    Instant died() {
        return died.orElseThrow();
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

    void deliver(Attempt attempt, Instant now) {
        log(attempt, Optional.empty());
        delivered = Optional.of(now);
        died = Optional.empty();
        nextAttempt = Optional.empty();
    }

    void fail(Attempt attempt, Instant next) {
        log(attempt, Optional.of(next));
        waitUntil(next);
    }

    boolean isOlderThan(Duration most, Instant now) {
        return begun.plus(most).isBefore(now);
    }

    void die(String error, Instant now) {
        lastError = Optional.of(error);
        died = Optional.of(now);
        nextAttempt = Optional.empty();
    }

    void die(Attempt attempt, Instant now) {
        log(attempt, Optional.empty());
        died = Optional.of(now);
        nextAttempt = Optional.empty();
    }

    private void log(Attempt attempt, Optional<Instant> next) {
        log.add(0, new LoggedAttempt(log.isEmpty() ? 1 : log.get(0).number() + 1, attempt, next));
        if (!attempt.error().isEmpty()) {
            lastError = Optional.of(attempt.error());
        }
    }

    List<LoggedAttempt> log() {
        return log.stream().limit(LoggedAttempt.KEPT).toList();
    }

    void waitUntil(Instant next) {
        nextAttempt = Optional.of(next);
    }

    /** Gives false while an attempt is being made, or due. */
    boolean beginAgain(Instant now) {
        if (isPending() && (nextAttempt.isEmpty() || isDue(now))) {
            return false;
        }
        delivered = Optional.empty();
        died = Optional.empty();
        before = attempts();
        begun = now;
        nextAttempt = Optional.of(now);
        return true;
    }

    private int attempts() {
        return log.isEmpty() ? 0 : log.get(0).number();
    }

    Delivery asDelivery() {
        return new Delivery(id, of.id(), of.generation(), of.highest(), attempts() - before, of.outputBytes(), of.callback());
    }

    Snapshot.DeliveryState asState() {
        return new Snapshot.DeliveryState(id, attempts(), lastError, nextAttempt, delivered, died);
    }
}
