package io.ancillary.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.delivery.Endpoints.Entrant;
import io.ancillary.delivery.Endpoints.Room;
import io.ancillary.delivery.Endpoints.Turn;

class EndpointsTest {
    private static final URI A = URI.create("https://a.example/hook");
    private static final URI B = URI.create("https://b.example/hook");

    private long nanos = Duration.ofHours(1).toNanos();

    private Endpoints endpoints(int attempts, int atOne, int waiting, long bytes) {
        return new Endpoints(new Room(attempts, atOne, waiting, bytes), () -> nanos, () -> 0);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    /** Says what it was told. */
    private static final class Visitor implements Entrant {
        private Optional<Turn> turn = Optional.empty();
        private Optional<Duration> later = Optional.empty();

        @Override
        public void enter(Turn given) {
            assertThat(turn.isPresent() || later.isPresent()).isFalse();
            turn = Optional.of(given);
        }

        @Override
        public void comeBack(Duration wait) {
            assertThat(turn.isPresent() || later.isPresent()).isFalse();
            later = Optional.of(wait);
        }

        boolean isIn() {
            return turn.isPresent();
        }

        boolean waits() {
            return turn.isEmpty() && later.isEmpty();
        }

        void leave(Verdict verdict) {
            leave(verdict, null);
        }

        void leave(Verdict verdict, Duration asked) {
            turn.orElseThrow().leave(verdict, Optional.ofNullable(asked));
        }
    }

    private static Visitor visit(Endpoints endpoints, URI to) {
        return visit(endpoints, to, 10);
    }

    private static Visitor visit(Endpoints endpoints, URI to, long bytes) {
        Visitor visitor = new Visitor();
        endpoints.enter(to, bytes, visitor);
        return visitor;
    }

    private static List<Visitor> crowd(Endpoints endpoints, URI to, int count) {
        return IntStream.range(0, count).mapToObj(i -> visit(endpoints, to)).toList();
    }

    private static long in(List<Visitor> visitors) {
        return visitors.stream().filter(Visitor::isIn).count();
    }

    private void fail(Endpoints endpoints, URI to, int times) {
        for (int i = 0; i < times; i++) {
            visit(endpoints, to).leave(Verdict.FAILING);
        }
    }

    @Test
    void takesNoMoreThanAnEighthOfWhatItLeavesFree() {
        assertThat(in(crowd(endpoints(100, 100, 1000, 1_000_000), A, 200))).isEqualTo(12);
    }

    @Test
    void leavesRoomForAnother_whenTenTakeAllTheyCan() {
        Endpoints endpoints = endpoints(110, 110, 10_000, 1_000_000);
        IntStream.range(0, 10).forEach(i -> crowd(endpoints, URI.create("https://greedy" + i + ".example/"), 200));

        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void takesNoMoreThanItsOwnLimit() {
        assertThat(in(crowd(endpoints(100, 7, 1000, 1_000_000), A, 50))).isEqualTo(7);
    }

    @Test
    void isOneEndpoint_whateverThePathAndTheSpelling() {
        Endpoints endpoints = endpoints(100, 1, 0, 1000);
        visit(endpoints, A);

        assertThat(visit(endpoints, URI.create("HTTPS://A.Example:443/other?x=1")).isIn()).isFalse();
        assertThat(visit(endpoints, URI.create("http://a.example/hook")).isIn()).isTrue();
        assertThat(visit(endpoints, URI.create("https://a.example:8443/hook")).isIn()).isTrue();
    }

    @Test
    void goesInOrder_whenOneLeaves() {
        Endpoints endpoints = endpoints(100, 1, 10, 1000);
        Visitor first = visit(endpoints, A);
        Visitor second = visit(endpoints, A);
        Visitor third = visit(endpoints, A);
        assertThat(second.waits()).isTrue();

        first.leave(Verdict.WELL);

        assertThat(second.isIn()).isTrue();
        assertThat(third.waits()).isTrue();
    }

    @Test
    void takesLinesInTurn_whenRoomIsShort() {
        Endpoints endpoints = endpoints(2, 2, 100, 1000);
        Visitor holder = visit(endpoints, A);
        Visitor other = visit(endpoints, B);
        List<Visitor> ofA = crowd(endpoints, A, 3);
        List<Visitor> ofB = crowd(endpoints, B, 3);

        holder.leave(Verdict.WELL);
        ofA.get(0).leave(Verdict.WELL);
        other.leave(Verdict.WELL);

        assertThat(in(ofA)).isEqualTo(2);
        assertThat(in(ofB)).isEqualTo(1);
    }

    @Test
    void sendsAway_eachLaterThanTheOneBefore_whenTheLineIsLong() {
        Endpoints endpoints = endpoints(10, 1, 4, 1000);

        List<Visitor> visitors = crowd(endpoints, A, 8);

        assertThat(in(visitors)).isEqualTo(1);
        assertThat(visitors.stream().filter(Visitor::waits).count()).isEqualTo(1);
        assertThat(visitors.stream().flatMap(it -> it.later.stream()).toList()).hasSize(6).isSorted().doesNotHaveDuplicates()
                .allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofMillis(50), Duration.ofMillis(60)));
    }

    @Test
    void sendsAwayForShorter_whenItTakesThemFast() {
        assertThat(spacingAfter(Duration.ofNanos(400_000), 1)).isEqualTo(Duration.ofNanos(300_000));
        assertThat(spacingAfter(Duration.ofNanos(10_000), 1)).as("at the shortest").isEqualTo(Duration.ofNanos(200_000));
    }

    @Test
    void sendsAwayForLonger_whenItTakesThemSlowly_evenManyAtATime() {
        assertThat(spacingAfter(Duration.ofMillis(30), 10)).isEqualTo(Duration.ofNanos(2_250_000));
        assertThat(spacingAfter(Duration.ofSeconds(5), 10)).as("at the longest").isEqualTo(Duration.ofMillis(5));
    }

    /** How far apart those come back for which there is no place, when the endpoint took so long for so many before. */
    private Duration spacingAfter(Duration each, int atATime) {
        Endpoints endpoints = endpoints(1000, atATime, 1000, 1_000_000);
        Deque<Visitor> visitors = new ArrayDeque<>(crowd(endpoints, A, 100));
        long until = nanos + Duration.ofSeconds(20).toNanos();
        while (nanos < until) {
            pass(each);
            for (int i = 0; i < atATime; i++) {
                visitors.remove().leave(Verdict.WELL);
            }
            visitors.addAll(crowd(endpoints, A, atATime));
        }
        List<Duration> waits = crowd(endpoints, A, 120).stream().flatMap(it -> it.later.stream()).toList();
        return waits.get(waits.size() - 1).minus(waits.get(waits.size() - 2));
    }

    @Test
    void leavesItAlone_afterSoManyFailuresInARow() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW - 1);
        assertThat(visit(endpoints, B).isIn()).isTrue();

        fail(endpoints, A, 1);

        assertThat(visit(endpoints, A).later.orElseThrow()).isGreaterThanOrEqualTo(Endpoint.SHORTEST_REST);
        assertThat(visit(endpoints, B).isIn()).isTrue();
    }

    @Test
    void goesOn_whenFailuresAreNotInARow() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);

        for (int i = 0; i < 5; i++) {
            fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW - 1);
            visit(endpoints, A).leave(i % 2 == 0 ? Verdict.WELL : Verdict.ALIVE);
        }

        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void sendsAProbe_andNoMore_whenItHasRested() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW);
        pass(Endpoint.SHORTEST_REST);

        Visitor probe = visit(endpoints, A);

        assertThat(probe.isIn()).isTrue();
        assertThat(visit(endpoints, A).later).isPresent();
        probe.leave(Verdict.WELL);
        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void restsTwiceAsLongEachTime_upToABound() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW);
        List<Duration> rests = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            rests.add(restOf(endpoints));
            fail(endpoints, A, 1);
        }

        assertThat(rests.stream().map(Duration::toSeconds)).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    /** How long it is until somebody is let in; nobody who asks prolongs it. */
    private Duration restOf(Endpoints endpoints) {
        long began = nanos;
        Visitor visitor = visit(endpoints, A);
        while (!visitor.isIn()) {
            pass(Duration.ofMillis(500));
            visitor = visit(endpoints, A);
        }
        // It came to nothing: the next one is the probe.
        visitor.leave(Verdict.UNKNOWN);
        return Duration.ofNanos(nanos - began);
    }

    /** Else all that wait for it would come in vain, many times a second, for as long as the probe hangs. */
    @Test
    void sendsAwayForAsLongAsTheShortestRest_whileItIsProbed() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW);
        pass(Endpoint.LONGEST_REST);
        Visitor probe = visit(endpoints, A);

        assertThat(crowd(endpoints, A, 3)).allSatisfy(visitor -> assertThat(visitor.later.orElseThrow())
                .isGreaterThanOrEqualTo(Endpoint.SHORTEST_REST));

        probe.leave(Verdict.WELL);
        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void sendsAProbe_whileWhatBeganBeforeStillHangs() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        visit(endpoints, A);
        crowd(endpoints, A, Endpoint.FAILURES_IN_A_ROW).forEach(visitor -> visitor.leave(Verdict.FAILING));
        pass(Endpoint.SHORTEST_REST);

        assertThat(visit(endpoints, A).isIn()).isTrue();
        assertThat(visit(endpoints, A).later).isPresent();
    }

    @Test
    void asksAnotherTime_whenTheProbeSaidNothing() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW);
        pass(Endpoint.SHORTEST_REST);

        visit(endpoints, A).leave(Verdict.UNKNOWN);

        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void isLeftAlone_forAsLongAsItAsks() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);

        visit(endpoints, A).leave(Verdict.BUSY, Duration.ofSeconds(7));

        assertThat(visit(endpoints, A).later.orElseThrow()).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
        pass(Duration.ofSeconds(7));
        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void isLeftAloneForAMinute_whenItAsksForMore() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);

        visit(endpoints, A).leave(Verdict.BUSY, Duration.ofDays(10_000));

        pass(Endpoint.LONGEST_REST);
        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void isGivenHalf_whenItIsBusy_andMoreAgainAsItTakesThem() {
        Endpoints endpoints = endpoints(100, 8, 100, 1000);
        visit(endpoints, A).leave(Verdict.BUSY);
        List<Visitor> half = crowd(endpoints, A, 8);
        assertThat(in(half)).isEqualTo(4);

        half.get(0).leave(Verdict.WELL);

        assertThat(in(half)).isEqualTo(6);
    }

    @Test
    void sendsItsLineAway_whenItIsToBeLeftAlone() {
        Endpoints endpoints = endpoints(100, 1, 10, 1000);
        Visitor first = visit(endpoints, A);
        Visitor waiting = visit(endpoints, A);

        first.leave(Verdict.BUSY, Duration.ofSeconds(7));

        assertThat(waiting.later.orElseThrow()).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
        assertThat(endpoints.free()).isEqualTo(10);
    }

    @Test
    void goesOnAtOnce_whenWhatBeganBeforeSucceeds() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        Visitor slow = visit(endpoints, A);
        crowd(endpoints, A, Endpoint.FAILURES_IN_A_ROW).forEach(visitor -> visitor.leave(Verdict.FAILING));
        assertThat(visit(endpoints, A).later).isPresent();

        slow.leave(Verdict.WELL);

        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void holdsNoMoreBytesThanAnEighthOfWhatItLeavesFree() {
        Endpoints endpoints = endpoints(1000, 100, 100, 1000);

        assertThat(in(crowd(endpoints, A, 50))).isEqualTo(11);
        assertThat(visit(endpoints, B, 100).isIn()).isTrue();
    }

    @Test
    void letsTheLargestGoAlone() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        Visitor small = visit(endpoints, B, 1);
        Visitor large = visit(endpoints, A, 2000);
        assertThat(large.waits()).isTrue();

        small.leave(Verdict.WELL);

        assertThat(large.isIn()).isTrue();
        assertThat(visit(endpoints, B, 1).waits()).isTrue();
    }

    @Test
    void keepsRoomForTheLargest_whenSmallOnesKeepComing() {
        Endpoints endpoints = endpoints(1000, 100, 1000, 1000);
        List<Visitor> small = new ArrayList<>(crowd(endpoints, B, 11));
        Visitor large = visit(endpoints, A, 950);
        assertThat(large.waits()).isTrue();

        for (int i = 0; i < 20 && !large.isIn(); i++) {
            small.addAll(crowd(endpoints, URI.create("https://small" + i + ".example/"), 2));
            small.stream().filter(Visitor::isIn).findFirst().ifPresent(visitor -> {
                visitor.leave(Verdict.WELL);
                small.remove(visitor);
            });
        }

        assertThat(large.isIn()).isTrue();
    }

    @Test
    void keepsNothingFromOthers_whenOnlyItsOwnShareIsUsedUp() {
        Endpoints endpoints = endpoints(1000, 100, 1000, 1000);
        crowd(endpoints, A, 11);

        assertThat(visit(endpoints, A, 600).waits()).isTrue();

        assertThat(visit(endpoints, B, 800).isIn()).isTrue();
    }

    /** As those do that a replica gives up with its name. */
    @Test
    void letsALongLineThrough_whenEachLeavesAtOnce() {
        Endpoints endpoints = endpoints(1000, 1, 100_000, 1_000_000);
        Visitor first = visit(endpoints, A);
        AtomicInteger through = new AtomicInteger();
        for (int i = 0; i < 10_000; i++) {
            endpoints.enter(A, 1, new Entrant() {
                @Override
                public void enter(Turn turn) {
                    through.incrementAndGet();
                    turn.leave(Verdict.UNKNOWN, Optional.empty());
                }

                @Override
                public void comeBack(Duration later) {
                    throw new AssertionError("there is room in the line");
                }
            });
        }

        first.leave(Verdict.WELL);

        assertThat(through).hasValue(10_000);
    }

    @Test
    void isLeftAlone_thoughWhatBeganBeforeSucceeds_whenItAskedFor() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        Visitor before = visit(endpoints, A);
        visit(endpoints, A).leave(Verdict.BUSY, Duration.ofSeconds(30));

        before.leave(Verdict.WELL);

        assertThat(visit(endpoints, A).later.orElseThrow()).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void isAskedAgainWhenItSaid_asOftenAsItSaysSo_upToTen() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        for (int i = 1; i < Endpoint.FAILURES_IN_A_ROW; i++) {
            visit(endpoints, A).leave(Verdict.BUSY, Duration.ofSeconds(3));
            pass(Duration.ofSeconds(3));
        }

        assertThat(visit(endpoints, A).isIn()).isTrue();
    }

    @Test
    void restsLongerEachTime_whenItOnlyEverAsksForASecond() {
        Endpoints endpoints = endpoints(100, 100, 100, 1000);
        for (int i = 0; i < Endpoint.FAILURES_IN_A_ROW + 3; i++) {
            pass(Endpoint.LONGEST_REST);
            visit(endpoints, A).leave(Verdict.BUSY, Duration.ofSeconds(1));
        }

        pass(Duration.ofSeconds(2));
        assertThat(visit(endpoints, A).later).isPresent();
    }

    @Test
    void takesNewOnesAtOnce_whenItAnswersAgain_howeverManyWereSentAway() {
        Endpoints endpoints = endpoints(100, 100, 8, 1000);
        fail(endpoints, A, Endpoint.FAILURES_IN_A_ROW);
        crowd(endpoints, A, 10_000);
        pass(Endpoint.SHORTEST_REST);
        visit(endpoints, A).leave(Verdict.WELL);

        List<Visitor> burst = crowd(endpoints, A, 50);

        assertThat(burst.stream().flatMap(it -> it.later.stream())).isNotEmpty()
                .allSatisfy(later -> assertThat(later).isLessThan(Duration.ofMillis(200)));
    }

    @Test
    void letsNobodyWait_whenItIsToEnd() {
        Endpoints endpoints = endpoints(100, 1, 10, 1000);
        Visitor first = visit(endpoints, A);
        Visitor waiting = visit(endpoints, A);

        endpoints.drain();

        assertThat(waiting.later).contains(Duration.ZERO);
        assertThat(visit(endpoints, A).later).contains(Duration.ZERO);
        assertThat(visit(endpoints, B).isIn()).isTrue();
        assertThat(endpoints.free()).isZero();
        first.leave(Verdict.WELL);
    }

    @Test
    void knowsABoundedNumber_andForgetsTheIdleOnesFirst() {
        Endpoints endpoints = endpoints(100, 1, 100, 1000);
        Visitor stays = visit(endpoints, A);
        for (int i = 0; i < 25_000; i++) {
            visit(endpoints, URI.create("https://h" + i + ".example/")).leave(Verdict.WELL);
        }

        assertThat(endpoints.known()).isEqualTo(10_000);
        assertThat(visit(endpoints, A).waits()).isTrue();
        stays.leave(Verdict.WELL);
    }
}
