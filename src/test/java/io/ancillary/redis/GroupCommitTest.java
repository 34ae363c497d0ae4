package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.StoreUnavailableException;

class GroupCommitTest {
    private final List<List<Integer>> groups = new ArrayList<>();
    private final List<CompletableFuture<List<String>>> calls = new ArrayList<>();
    private final GroupCommit<Integer, String> commit = new GroupCommit<>(Runnable::run, item -> 1, this::call);

    private CompletableFuture<List<String>> call(List<Integer> group) {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        groups.add(group);
        calls.add(answer);
        return answer;
    }

    private CompletableFuture<String> submit(int item) {
        return commit.submit(item).toCompletableFuture();
    }

    @Test
    void letsTravelTogether_whatArrivesDuringACall() {
        CompletableFuture<String> first = submit(1);
        CompletableFuture<String> second = submit(2);
        CompletableFuture<String> third = submit(3);
        calls.get(0).complete(List.of("a"));
        calls.get(1).complete(List.of("b", "c"));

        assertThat(groups).containsExactly(List.of(1), List.of(2, 3));
        assertThat(List.of(first, second, third)).extracting(CompletableFuture::join).containsExactly("a", "b", "c");
    }

    @Test
    void isCrowded_whenManyWaitAndTheFirstHasForLong() {
        AtomicLong nanos = new AtomicLong();
        GroupCommit<Integer, String> timed = timed(nanos);
        int underWay = 1 + 7 * GroupCommit.MOST_ITEMS;
        IntStream.range(0, underWay + 4 * GroupCommit.MOST_ITEMS).forEach(timed::submit);
        nanos.addAndGet(Duration.ofMillis(51).toNanos());
        assertThat(timed.isCrowded(false)).as("as many as may wait for slow calls").isFalse();

        timed.submit(1);

        assertThat(timed.isCrowded(false)).isTrue();
    }

    @Test
    void isNotCrowded_whileNobodyHasWaitedForLong() {
        AtomicLong nanos = new AtomicLong();
        GroupCommit<Integer, String> timed = timed(nanos);
        timed.submit(1);
        nanos.addAndGet(Duration.ofMillis(49).toNanos());

        IntStream.range(0, 15 * GroupCommit.MOST_ITEMS).forEach(timed::submit);

        assertThat(timed.isCrowded(false)).isFalse();
    }

    @Test
    void isCrowded_whenWhatComesIsLate_andSomeWait() {
        GroupCommit<Integer, String> timed = timed(new AtomicLong());
        int underWay = 1 + 7 * GroupCommit.MOST_ITEMS;
        IntStream.range(0, underWay + GroupCommit.SOME - 1).forEach(timed::submit);
        assertThat(timed.isCrowded(true)).isFalse();

        timed.submit(1);

        assertThat(timed.isCrowded(true)).isTrue();
        assertThat(timed.isCrowded(false)).isFalse();
    }

    @Test
    void isCrowded_whenMoreWaitThanAreDoneWithinThatTime() {
        AtomicLong nanos = new AtomicLong();
        GroupCommit<Integer, String> timed = timed(nanos);
        IntStream.range(0, 17 * GroupCommit.MOST_ITEMS).forEach(timed::submit);
        assertThat(timed.isCrowded(false)).as("nobody knows yet how fast it is").isTrue();
        answerAll();
        IntStream.range(0, 50 * GroupCommit.MOST_ITEMS).forEach(timed::submit);
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        answerAll();
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        timed.submit(1);
        answerAll();

        IntStream.range(0, 17 * GroupCommit.MOST_ITEMS).forEach(timed::submit);

        assertThat(timed.isCrowded(false)).as("four times as many were done in twice that time").isFalse();
    }

    private void answerAll() {
        for (int call = 0; call < calls.size(); call++) {
            answer(call);
        }
    }

    @Test
    void isNotCrowded_onceAllFailed() {
        AtomicLong nanos = new AtomicLong();
        GroupCommit<Integer, String> timed = timed(nanos);
        IntStream.range(0, 20 * GroupCommit.MOST_ITEMS).forEach(timed::submit);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(timed.isCrowded(false)).isTrue();

        calls.get(0).completeExceptionally(new StoreUnavailableException("away"));

        assertThat(timed.isCrowded(false)).isFalse();
    }

    private GroupCommit<Integer, String> timed(AtomicLong nanos) {
        return new GroupCommit<>(Runnable::run, item -> 1, this::call, nanos::get);
    }

    @Test
    void failsAllThatWaits_whenTheStoreIsAway() {
        List<CompletableFuture<String>> answers = IntStream.range(0, GroupCommit.MOST_ITEMS).mapToObj(this::submit).toList();
        calls.get(0).completeExceptionally(new StoreUnavailableException("away"));

        assertThat(answers).allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(calls).hasSize(1);
    }

    @Test
    void sendsFullGroupsAfterOneAnother_whenManyWait_andKeepsAFewBack() {
        IntStream.range(0, 20 * GroupCommit.MOST_ITEMS).forEach(this::submit);

        assertThat(groups).hasSize(8);
        assertThat(groups.get(0)).hasSize(1);
        assertThat(groups.subList(1, 8)).allSatisfy(group -> assertThat(group).hasSize(GroupCommit.MOST_ITEMS));
        assertThat(groups.stream().flatMap(List::stream)).containsExactlyElementsOf(
                IntStream.rangeClosed(0, 7 * GroupCommit.MOST_ITEMS).boxed().toList());
    }

    @Test
    void givesEachItsOwnAnswer_whenLaterCallsAreAnsweredFirst_andSendsOn() {
        List<CompletableFuture<String>> answers = IntStream.range(0, 10 * GroupCommit.MOST_ITEMS).mapToObj(this::submit)
                .toList();

        answer(3);
        answer(1);
        calls.get(2).completeExceptionally(new IllegalStateException("an answer nobody understands"));
        answer(0);
        for (int call = 4; call < calls.size(); call++) {
            answer(call);
        }

        for (int i = 0; i < answers.size(); i++) {
            if (groups.get(2).contains(i)) {
                assertThat(answers.get(i)).isCompletedExceptionally();
            } else {
                assertThat(answers.get(i)).isCompletedWithValue("answer to " + i);
            }
        }
        assertThat(groups.stream().mapToInt(List::size).sum()).isEqualTo(answers.size());
    }

    private void answer(int call) {
        calls.get(call).complete(groups.get(call).stream().map(item -> "answer to " + item).toList());
    }

    @Test
    void goesOn_whenTheStoreIsBack() {
        submit(1);
        submit(2);
        calls.get(0).completeExceptionally(new StoreUnavailableException("away"));
        CompletableFuture<String> next = submit(3);
        calls.get(1).complete(List.of("c"));

        assertThat(groups).containsExactly(List.of(1), List.of(3));
        assertThat(next).isCompletedWithValue("c");
    }

    @Test
    void failsOnlyItsOwnItems_whenACallFailsOtherwise() {
        CompletableFuture<String> first = submit(1);
        CompletableFuture<String> second = submit(2);
        calls.get(0).completeExceptionally(new IllegalStateException("an answer nobody understands"));
        calls.get(1).complete(List.of("b"));

        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedWithValue("b");
    }
}
