package io.ancillary.collation;

import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.assertj.core.api.OptionalAssert;
import org.junit.jupiter.api.Test;

/** A tick also tells how long until more is due, so that nobody has to look before. */
interface ForesightContract extends StoreFixture {

    default OptionalAssert<Duration> assertThatNext() {
        return assertThat(answer(me().tick(100)).next());
    }

    static void isAbout(Duration expected, Duration actual) {
        assertThat(actual).isCloseTo(expected, Duration.ofSeconds(20));
    }

    @Test
    default void foreseesNothing_whenThereIsNothing() {
        assertThatNext().isEmpty();
    }

    @Test
    default void foreseesTheDeadline_whenNothingIsSooner() {
        accepted(packet("a", 1));
        advance(Duration.ofHours(1));
        accepted(packet("b", 1));

        assertThatNext().hasValueSatisfying(next -> isAbout(DEADLINE.minusHours(1), next));
    }

    @Test
    default void foreseesTheNextAttempt_whenThatIsSooner() {
        waiting("a", Duration.ofMinutes(5));

        assertThatNext().hasValueSatisfying(next -> isAbout(Duration.ofMinutes(5), next));
    }

    @Test
    default void foreseesNot_whatIsDueAlready() {
        waiting("a", Duration.ZERO);
        advance(DEADLINE);

        assertThatNext().isEmpty();
    }

    @Test
    default void foreseesTheEndOfRetention_whenDelivered() {
        delivered("a");

        assertThatNext().hasValueSatisfying(next -> isAbout(SETTINGS.retention(), next));
    }

    @Test
    default void foreseesTheGap_whenPacketsAreMissing() {
        accepted(last("a", 2));

        assertThatNext().hasValueSatisfying(next -> isAbout(GAP, next));
    }

    @Test
    default void foreseesTheDeadlineAgain_whenTheGapIsFilled() {
        accepted(last("a", 2));
        accepted(packet("a", 1));

        assertThatNext().hasValueSatisfying(next -> isAbout(DEADLINE, next));
    }

    @Test
    default void foreseesTheSoonest_whenMoreIsDueThanAsked() {
        waiting("a", Duration.ZERO);
        waiting("b", Duration.ZERO);
        waiting("c", Duration.ofMinutes(5));

        assertThat(answer(me().tick(1)).next())
                .hasValueSatisfying(next -> isAbout(Duration.ofMinutes(5), next));
    }

    @Test
    default void foreseesNothing_whenTheOnlyOneWasDropped() {
        accepted(packet("a", 1));
        answer(store().drop(StoreFixture.id("a")));

        assertThatNext().isEmpty();
    }
}
