package io.ancillary.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.http.Guesses.Verdict;

class GuessesTest {
    private static final String ADDRESS = "192.0.2.1";
    private static final String OTHER = "192.0.2.2";
    private static final String RIGHT = "right";

    private final AtomicLong now = new AtomicLong(-5);
    private final Guesses guesses = new Guesses("token", 10, Duration.ofSeconds(10), now::get);

    private Verdict judge(String address, String token) {
        return guesses.judge(address, token.getBytes(UTF_8), () -> token.equals(RIGHT));
    }

    private void guess(String address, int times) {
        IntStream.range(0, times).forEach(i -> judge(address, "guess " + now.incrementAndGet()));
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static final Duration LATE = Duration.ofSeconds(5);

    @Test
    void answersSoManyWrongOnesAtOnce_andThoseAfterThatLate() {
        assertThat(IntStream.range(0, 10).mapToObj(i -> judge(ADDRESS, "guess " + i))).containsOnly(Verdict.WRONG);

        assertThat(IntStream.range(10, 20).mapToObj(i -> judge(ADDRESS, "guess " + i))).containsOnly(Verdict.WRONG_AGAIN);
        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void looksAtNone_whileSixteenAreToBeAnsweredLate() {
        guess(ADDRESS, 26);

        assertThat(judge(ADDRESS, "guess")).isEqualTo(Verdict.UNHEARD);
        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.UNHEARD);

        pass(LATE);
        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void looksAtSixteenInFiveSeconds_howeverManyCome() {
        guess(ADDRESS, 10);
        int looked = 0;
        for (int i = 0; i < 10_000; i++) {
            looked += judge(ADDRESS, "try " + i) == Verdict.UNHEARD ? 0 : 1;
            pass(Duration.ofMillis(1));
        }
        // One a second goes through of those that ten seconds give back.
        assertThat(looked).isBetween(32, 34);
    }

    @Test
    void savesUpNoMoreThanThereWasAtFirst() {
        guess(ADDRESS, 10);
        pass(Duration.ofDays(1));

        guess(ADDRESS, 10);

        assertThat(judge(ADDRESS, "one more")).isEqualTo(Verdict.WRONG_AGAIN);
    }

    @Test
    void countsAnOldTokenOnce_howeverOftenItComes() {
        assertThat(IntStream.range(0, 10_000).mapToObj(i -> judge(ADDRESS, "of last year"))).containsOnly(Verdict.WRONG);

        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void hearsWhoKnowsIt_behindTheAddressOfSomebodyWhoGuesses() {
        judge(ADDRESS, RIGHT);
        guess(ADDRESS, 1000);

        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.RIGHT);
        assertThat(judge(ADDRESS, "guess")).isEqualTo(Verdict.WRONG_AGAIN);
    }

    @Test
    void forgetsAfterAnHour_thatAnAddressKnewIt() {
        judge(ADDRESS, RIGHT);
        pass(Duration.ofMinutes(59));
        guess(ADDRESS, 50);
        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.RIGHT);

        pass(Duration.ofMinutes(61));
        guess(ADDRESS, 50);
        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.UNHEARD);
    }

    @Test
    void hearsOtherAddresses() {
        guess(ADDRESS, 100);

        assertThat(judge(ADDRESS, RIGHT)).isEqualTo(Verdict.UNHEARD);
        assertThat(judge(OTHER, RIGHT)).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void takesANetworkOfIpv6ForOneAddress() {
        IntStream.range(0, 100).forEach(i -> judge("2001:db8:1:2::" + Integer.toHexString(i), "guess " + i));

        assertThat(judge("2001:db8:1:2:ffff::1", RIGHT)).isEqualTo(Verdict.UNHEARD);
        assertThat(judge("2001:db8:1:3::1", RIGHT)).isEqualTo(Verdict.RIGHT);
        assertThat(judge("::ffff:192.0.2.9", RIGHT)).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void remembersNoMoreThanTenThousandAddresses() {
        guess(ADDRESS, 100);
        IntStream.range(0, 10_000).forEach(i -> judge("10.0." + i / 250 + "." + i % 250, "guess"));

        assertThat(judge(ADDRESS, RIGHT)).as("forgotten").isEqualTo(Verdict.RIGHT);
    }
}
