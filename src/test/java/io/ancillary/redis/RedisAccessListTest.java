package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.ancillary.processing.AccessList.Entry;
import io.ancillary.processing.AccessList.Verdict;

class RedisAccessListTest {
    private static final int STATIONS = 7;
    private static RedisFixture fixture;
    private static RedisLink link;
    private static RedisAccessList list;

    @BeforeAll
    static void start() {
        fixture = new RedisFixture();
        link = fixture.link(RedisStores.CALL_TIMEOUT);
        list = new RedisAccessList(Keys.of(0), link);
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    /** Station 0 is open to everybody, each other to the token of its number. */
    @Test
    void givesEachItsOwnVerdict_whenManyAskAtOnce() {
        answer(list.put("station-0", new Entry(true, Set.of())));
        IntStream.range(1, STATIONS).forEach(n -> answer(list.put("station-" + n, new Entry(false, Set.of("token-" + n)))));
        List<int[]> asked = IntStream.range(0, 500).mapToObj(i -> new int[] { i % 8, i * 5 % 9 }).toList();

        List<CompletionStage<Verdict>> verdicts = RedisFixture.together(link.executor(),
                asked, it -> list.decide("station-" + it[0], "token-" + it[1]));

        assertThat(verdicts.stream().map(RedisAccessListTest::answer).toList())
                .isEqualTo(asked.stream().map(it -> verdict(it[0], it[1])).toList())
                .contains(Verdict.ALLOWED, Verdict.NOT_ALLOWED, Verdict.INVALID);
    }

    private static Verdict verdict(int station, int token) {
        boolean known = token > 0 && token < STATIONS;
        return station == 0 || (known && station == token) ? Verdict.ALLOWED : known ? Verdict.NOT_ALLOWED : Verdict.INVALID;
    }

    private static <T> T answer(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
