package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class TurnstileTest {
    private static final double LEAVE_A_SECOND = 1000;
    private static final int MAY_ASK_A_SECOND = 1000 + Turnstile.MORE_THAN_LEAVE;

    private long now = Long.MAX_VALUE - 5;
    private final Turnstile turnstile = new Turnstile(now);

    /** How many of so many ask, which come evenly; all of those are refused. */
    private int askedOf(int some, Duration time, double leaveASecond) {
        return IntStream.range(0, some).map(each -> {
            now += time.toNanos() / some;
            return askIfLetThrough(leaveASecond);
        }).sum();
    }

    private int askIfLetThrough(double leaveASecond) {
        if (turnstile.turnsAway(now)) {
            return 0;
        }
        turnstile.ask(now, leaveASecond);
        turnstile.refuse(now);
        return 1;
    }

    private int turnedAwayOf(int some) {
        return (int) IntStream.range(0, some).filter(each -> turnstile.turnsAway(now)).count();
    }

    @Test
    void letsAllThrough_whileNobodyIsRefused() {
        for (int i = 0; i < 10_000; i++) {
            turnstile.ask(now, LEAVE_A_SECOND);
            assertThat(turnstile.turnsAway(now)).isFalse();
        }
    }

    @Test
    void letsAsManyThroughAsLeaveAndSome_whileOthersAreRefused() {
        askedOf(1000, Duration.ofMillis(500), LEAVE_A_SECOND);

        int asked = askedOf(2000, Duration.ofSeconds(1), LEAVE_A_SECOND);

        int others = (2000 - MAY_ASK_A_SECOND) / Turnstile.EVERY;
        assertThat(asked).isCloseTo(MAY_ASK_A_SECOND, within(others + 20)).isGreaterThanOrEqualTo(MAY_ASK_A_SECOND - 1);
    }

    @Test
    void letsEveryFewThrough_whenManyMoreCome() {
        askedOf(10_000, Duration.ofMillis(500), 0);

        int asked = askedOf(100_000, Duration.ofSeconds(1), 0);

        assertThat(asked).isCloseTo(100_000 / Turnstile.EVERY, within(10));
    }

    @Test
    void letsThroughAtOnce_whatMightHaveAskedBefore() {
        turnstile.refuse(now);
        askIfLetThrough(LEAVE_A_SECOND);
        now += Turnstile.SAVED.toNanos() - 1;

        int saved = (int) (MAY_ASK_A_SECOND * Turnstile.SAVED.toNanos() / 1e9);
        assertThat(IntStream.range(0, saved).map(each -> askIfLetThrough(LEAVE_A_SECOND)).sum()).isEqualTo(saved);
        assertThat(turnedAwayOf(100)).isPositive();
    }

    @Test
    void letsAllThrough_onceNobodyWasRefusedForAWhile() {
        turnstile.refuse(now);
        now += Turnstile.AFTER_A_REFUSAL.toNanos() - 1;
        IntStream.range(0, 200).forEach(each -> turnstile.ask(now, 0));
        assertThat(turnedAwayOf(100)).isEqualTo(100 - 100 / Turnstile.EVERY);

        now++;

        assertThat(turnedAwayOf(100)).isZero();
    }
}
