package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class TurnstileTest {
    private static final double LEAVE_A_SECOND = 1000;
    private static final int LEAVE_IN_A_TURN = 10;

    private long now = 7;
    private final Turnstile turnstile = new Turnstile(now);

    private int letThroughOf(int some) {
        return (int) IntStream.range(0, some).filter(each -> turnstile.letsThrough(now, LEAVE_A_SECOND)).count();
    }

    @Test
    void letsAllThrough_whileNobodyIsRefused() {
        assertThat(letThroughOf(10_000)).isEqualTo(10_000);
    }

    @Test
    void letsThroughAsManyAsLeaveAndSome_inEachTurn_whileOthersAreRefused() {
        turnstile.refused(now);

        for (int turn = 0; turn < 5; turn++) {
            assertThat(letThroughOf(100)).as("turn %d", turn).isEqualTo(LEAVE_IN_A_TURN + Turnstile.MORE_THAN_LEAVE);
            now += Turnstile.TURN.toNanos();
        }
    }

    @Test
    void letsSomeThrough_whenNothingLeaves() {
        turnstile.refused(now);

        assertThat(IntStream.range(0, 100).filter(each -> turnstile.letsThrough(now, 0)).count())
                .isEqualTo(Turnstile.MORE_THAN_LEAVE);
    }

    @Test
    void letsAllThrough_onceNobodyWasRefusedForAWhile() {
        turnstile.refused(now);
        now += Turnstile.AFTER_A_REFUSAL.toNanos() - 1;
        assertThat(letThroughOf(100)).isLessThan(100);

        now++;

        assertThat(letThroughOf(100)).isEqualTo(100);
    }
}
