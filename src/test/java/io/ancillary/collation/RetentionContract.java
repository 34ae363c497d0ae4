package io.ancillary.collation;

import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.CollationStore.Listed;
import io.ancillary.collation.CollationStore.Position;

/** How long a collation stays, how it goes, and how those that are there are listed. */
interface RetentionContract extends StoreFixture {
    Duration BACKSTOP = SETTINGS.retention().plusHours(1);

    default List<String> listed() {
        return answer(store().newest(PACKETS.name(), Position.START, 100)).stream().map(it -> it.position().resource())
                .toList();
    }

    @Test
    default void isNotRemoved_beforeItsRetentionHasEnded() {
        Delivery delivery = delivered("a");
        advance(SETTINGS.retention().minusMinutes(1));

        answer(me().expire(due(delivery)));

        assertThat(answer(me().tick(10)).dueCollations()).isEmpty();
        assertThat(answer(store().find(id("a")))).isPresent();
    }

    @Test
    default void isNeverRemoved_whileUndelivered() {
        Delivery delivery = waiting("a", Duration.ZERO);
        advance(SETTINGS.retention().multipliedBy(3));

        answer(me().expire(due(delivery)));

        assertThat(answer(me().tick(10)).dueCollations()).isEmpty();
        assertThat(answer(store().outcome(delivery, 0))).isPresent();
    }

    @Test
    default void isFound_whenItsRetentionHasEnded() {
        Delivery delivery = delivered("a");
        advance(SETTINGS.retention());

        assertThat(answer(other().tick(10)).dueCollations()).containsExactly(due(delivery));
    }

    @Test
    default void goesWhole_whenRemoved() {
        Delivery delivery = delivered("a");
        advance(SETTINGS.retention());

        answer(other().expire(due(delivery)));

        assertThat(answer(store().find(id("a")))).isEmpty();
        assertThat(answer(store().outcome(delivery, 0))).isEmpty();
        assertThat(answer(store().pending(delivery.id()))).isEmpty();
        assertThat(listed()).isEmpty();
        assertThat(answer(me().tick(10)).dueCollations()).isEmpty();
    }

    @Test
    default void beginsANewGeneration_whenTheIdWasRemoved() {
        Delivery delivery = delivered("a");
        advance(SETTINGS.retention());
        answer(me().expire(due(delivery)));

        Part part = accepted(last("a", 1));

        assertThat(part.generation()).isNotEqualTo(delivery.generation());
        assertThat(outcome(ended(collate(part))).results()).hasSize(1);
    }

    @Test
    default void sparesANewLife_whenTheOldOneIsRemovedAgain() {
        Delivery delivery = delivered("a");
        advance(SETTINGS.retention());
        answer(me().expire(due(delivery)));
        accepted(packet("a", 1));

        answer(other().expire(due(delivery)));

        assertThat(snapshot("a").progress().received()).isOne();
        assertThat(listed()).containsExactly("a");
    }

    @Test
    default void goesByItself_whenNobodyRemovesIt() {
        Delivery delivery = delivered("a");
        advance(BACKSTOP);

        assertThat(answer(store().find(id("a")))).isEmpty();
        assertThat(answer(store().outcome(delivery, 0))).isEmpty();
    }

    @Test
    default void isRemovedAllTheSame_whenItWentByItself() {
        Delivery delivery = delivered("a");
        advance(BACKSTOP);

        answer(me().expire(due(delivery)));

        assertThat(listed()).isEmpty();
        assertThat(answer(me().tick(10)).dueCollations()).isEmpty();
    }

    @Test
    default void sparesANewLife_whenTheOldOneWentByItself() {
        Delivery delivery = delivered("a");
        advance(BACKSTOP);
        accepted(packet("a", 1));

        answer(me().expire(due(delivery)));

        assertThat(snapshot("a").generation()).isNotEqualTo(delivery.generation());
        assertThat(listed()).containsExactly("a");
        assertThat(answer(me().tick(10)).dueCollations()).isEmpty();
    }

    @Test
    default void dropsNothing_whenTheResourceIsUnknown() {
        assertThat(answer(store().drop(id("a")))).isFalse();
    }

    @Test
    default void dropsAnOpenResource() {
        acceptedAll("a", 1, 200);

        assertThat(answer(store().drop(id("a")))).isTrue();
        assertThat(answer(store().find(id("a")))).isEmpty();
        assertThat(listed()).isEmpty();
    }

    @Test
    default void forgetsEveryDigest_whenDropped() {
        acceptedAll("a", 1, 200);
        answer(store().drop(id("a")));

        List<Acceptance> again = together(List.of(1, 64, 65, 192, 193), index -> me().accept(PACKETS, packet("a", index)));

        assertThat(again).allSatisfy(it -> assertThat(it).isInstanceOf(Acceptance.Accepted.class));
    }

    @Test
    default void dropsAFinishedResource_andItsDelivery() {
        Delivery delivery = waiting("a", Duration.ZERO);

        assertThat(answer(store().drop(id("a")))).isTrue();
        assertThat(answer(store().pending(delivery.id()))).isEmpty();
        assertThat(answer(me().tick(10)).dueDeliveries()).isEmpty();
    }

    @Test
    default void dropsADeliveredResource_andItsDueTime() {
        delivered("a");

        assertThat(answer(store().drop(id("a")))).isTrue();
        advance(SETTINGS.retention());
        assertThat(answer(me().tick(10)).dueCollations()).isEmpty();
    }

    @Test
    default void keepsNoResultOfTheLifeBefore_whenDropped() {
        List<Part> parts = acceptedAll("a", 1, 3);
        collate(parts.get(2));
        answer(store().drop(id("a")));

        Delivery delivery = ended("a");

        assertThat(outcome(delivery).results()).hasSize(1);
    }

    @Test
    default void listsNothing_whenThereIsNothing() {
        accepted(packet("a", 1));

        assertThat(answer(store().newest("others", Position.START, 10))).isEmpty();
    }

    @Test
    default void listsTheNewestFirst() {
        for (String resource : List.of("b", "c", "a")) {
            accepted(packet(resource, 1));
            advance(Duration.ofMinutes(1));
        }

        List<Listed> rows = answer(store().newest(PACKETS.name(), Position.START, 10));

        assertThat(rows).extracting(it -> it.position().resource()).containsExactly("a", "c", "b");
        assertThat(rows).extracting(it -> it.snapshot().orElseThrow())
                .containsExactly(snapshot("a"), snapshot("c"), snapshot("b"));
    }

    @Test
    default void keepsTheOrderOfBeginnings_whenMorePacketsCome() {
        accepted(packet("a", 1));
        advance(Duration.ofMinutes(1));
        accepted(packet("b", 1));
        advance(Duration.ofMinutes(1));
        accepted(packet("a", 2));

        assertThat(listed()).containsExactly("b", "a");
    }

    @Test
    default void listsGreaterIdsFirst_whenOfTheSameInstant() {
        createdTogether(7);

        List<Position> positions = answer(store().newest(PACKETS.name(), Position.START, 10)).stream()
                .map(Listed::position).toList();

        assertThat(positions).hasSize(7).isSortedAccordingTo(
                Comparator.comparingLong(Position::createdMillis).thenComparing(Position::resource).reversed());
    }

    @Test
    default void listsEachOnceInOrder_pageByPage() {
        createdTogether(7);
        advance(Duration.ofMinutes(1));
        createdTogether(12);

        assertThat(paged(3)).isEqualTo(listed()).hasSize(12);
    }

    @Test
    default void fillsThePage_whenThePageBeforeEndedAmongTheSameInstant() {
        createdTogether(9);
        advance(Duration.ofMinutes(1));
        accepted(packet("newer", 1));

        assertThat(pages(4)).extracting(List::size).containsExactly(4, 4, 2);
    }

    @Test
    default void listsARowWithoutSnapshot_whenTheCollationHasGone() {
        delivered("a");
        advance(BACKSTOP);

        List<Listed> rows = answer(store().newest(PACKETS.name(), Position.START, 10));

        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).snapshot()).isEmpty();
    }

    /** Those of them that are new are, but for the first, of one instant. */
    private void createdTogether(int count) {
        together(IntStream.range(0, count).boxed().toList(), i -> me().accept(PACKETS, packet("r" + i, 1)));
    }

    private List<String> paged(int limit) {
        return pages(limit).stream().flatMap(List::stream).toList();
    }

    private List<List<String>> pages(int limit) {
        List<List<String>> pages = new ArrayList<>();
        Position after = Position.START;
        List<Listed> page = answer(store().newest(PACKETS.name(), after, limit));
        while (!page.isEmpty()) {
            pages.add(page.stream().map(it -> it.position().resource()).toList());
            page = answer(store().newest(PACKETS.name(), page.get(page.size() - 1).position(), limit));
        }
        return pages;
    }
}
