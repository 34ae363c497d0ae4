package io.ancillary.collation;

import static io.ancillary.collation.Attempts.attempt;
import static io.ancillary.collation.StoreFixture.id;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.output;
import static io.ancillary.collation.StoreFixture.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Membership.Comparison;
import io.ancillary.collation.Settlement.Delivered;
import io.ancillary.collation.Settlement.Failed;

/** How a name is held and lost, and that what was held under it passes on whole. */
interface TenureContract extends StoreFixture {

    @Test
    default void readsItsJournalPageByPage() {
        List<Part> parts = acceptedAll("a", 1, 5);

        List<Part> second = answer(me().journal(parts.get(1).entry(), 2));

        assertThat(answer(me().journal("", 2))).isEqualTo(parts.subList(0, 2));
        assertThat(second).isEqualTo(parts.subList(2, 4));
        assertThat(answer(me().journal(parts.get(4).entry(), 2))).isEmpty();
    }

    @Test
    default void readsOn_whenTheEntryBeforeWasTakenOut() {
        List<Part> parts = acceptedAll("a", 1, 3);
        collate(parts.get(0));

        assertThat(answer(me().journal(parts.get(0).entry(), 10))).isEqualTo(parts.subList(1, 3));
    }

    @Test
    default void readsOnlyItsOwnJournal() {
        accepted(packet("a", 1));

        assertThat(answer(other().journal("", 10))).isEmpty();
    }

    @Test
    default void findsNobodySilent_whenAllBeat() {
        answer(other().tick(10));

        assertThat(answer(me().tick(10)).silentReplicas()).isEmpty();
    }

    @Test
    default void findsTheSilentOne_whenItsLeaseIsOver() {
        fallSilent(other(), me());

        assertThat(answer(me().tick(10)).silentReplicas()).containsExactly(other().replica());
    }

    @Test
    default void givesAFreshLeaseToAll_whenNobodyTicked() {
        answer(me().tick(10));
        advance(SETTINGS.lease().multipliedBy(2));

        assertThat(answer(me().tick(10)).silentReplicas()).isEmpty();
    }

    @Test
    default void takesNothingOver_whenAllGotAFreshLease() {
        accepted(other(), packet("a", 1));
        answer(me().tick(10));
        advance(SETTINGS.lease().multipliedBy(2));
        answer(me().tick(10));

        assertThat(answer(me().takeOver(other().replica(), 10))).isTrue();
        assertThat(answer(other().journal("", 10))).hasSize(1);
    }

    @Test
    default void takesNothingOver_whenTheOtherLives() {
        Part part = accepted(other(), last("a", 1));

        assertThat(answer(me().takeOver(other().replica(), 10))).isTrue();
        assertThat(answer(me().journal("", 10))).isEmpty();
        assertThat(answer(other().collate(PACKETS, part, output(1)))).isInstanceOf(Collated.Ended.class);
    }

    @Test
    default void takesNothingOver_whenTheSilentOneBeatInBetween() {
        accepted(other(), packet("a", 1));
        fallSilent(other(), me());
        answer(other().tick(10));

        assertThat(answer(me().takeOver(other().replica(), 10))).isTrue();
        assertThat(answer(me().journal("", 10))).isEmpty();
        accepted(other(), packet("a", 2));
    }

    @Test
    default void takesNothingOver_whenTheNameIsUnknown() {
        assertThat(answer(me().takeOver("nobody", 10))).isTrue();
    }

    @Test
    default void movesTheJournal_whenTheSilentOneIsTakenOver() {
        Part part = accepted(other(), last("a", 1));
        fallSilent(other(), me());

        assertThat(answer(me().takeOver(other().replica(), 10))).isTrue();

        List<Part> moved = answer(me().journal("", 10));
        assertThat(moved).hasSize(1);
        assertThat(moved.get(0)).usingRecursiveComparison().ignoringFields("entry", "deaths").isEqualTo(part);
        assertThat(moved.get(0).deaths()).isOne();
        assertThat(answer(other().journal("", 10))).isEmpty();
    }

    @Test
    default void movesTheJournalInOrder_pageByPage() {
        together(IntStream.rangeClosed(1, 5).boxed().toList(), index -> other().accept(PACKETS, packet("a", index)));
        fallSilent(other(), me());

        assertThat(answer(me().takeOver(other().replica(), 2))).isFalse();
        assertThat(answer(me().journal("", 10))).extracting(Part::index).containsExactly(1, 2);
        assertThat(answer(me().takeOver(other().replica(), 2))).isFalse();
        assertThat(answer(me().takeOver(other().replica(), 2))).isTrue();
        assertThat(answer(me().journal("", 10))).extracting(Part::index).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    default void isDoneForGood_whenEverythingWasTakenOver() {
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(me().tick(10)).silentReplicas()).isEmpty();
        assertThat(answer(me().takeOver(other().replica(), 10))).isTrue();
    }

    @Test
    default void movesDeliveriesInFlight_whenTheSilentOneIsTakenOver() {
        Delivery mine = ended("mine");
        Delivery theirs = ended(answer(other().collate(PACKETS, accepted(other(), last("theirs", 1)), output(1))));
        fallSilent(other(), me());

        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(me().inFlight())).containsExactlyInAnyOrder(mine.id(), theirs.id());
        assertThat(answer(other().inFlight())).isEmpty();
    }

    @Test
    default void judgesTheFailure_onlyWhoTookTheDeliveryOver() {
        Delivery delivery = ended(answer(other().collate(PACKETS, accepted(other(), last("a", 1)), output(1))));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));
        Failed failed = new Failed(attempt("timeout"), Duration.ZERO);

        assertThat(answer(other().settle(delivery, failed))).isFalse();
        assertThat(answer(me().settle(delivery, failed))).isTrue();
    }

    @Test
    default void believesASuccess_fromWhoWasTakenOver() {
        Delivery delivery = ended(answer(other().collate(PACKETS, accepted(other(), last("a", 1)), output(1))));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(other().settle(delivery, new Delivered(attempt(""))))).isTrue();
        assertThat(answer(me().settle(delivery, new Failed(attempt("timeout"), Duration.ZERO)))).isFalse();
    }

    @Test
    default void collatesOnce_whenAPartWasTakenOver() {
        Part before = accepted(other(), last("a", 1));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));
        Part moved = answer(me().journal("", 10)).get(0);

        assertExpelled(other().collate(PACKETS, before, output(1)));
        ended(collate(moved));
    }

    @Test
    default void writesNothing_whenExpelled() {
        Delivery waiting = waiting("a", Duration.ZERO);
        Part part = accepted(other(), packet("b", 1));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));

        assertExpelled(other().accept(PACKETS, packet("b", 2)));
        assertExpelled(other().collate(PACKETS, part, output(1)));
        assertExpelled(other().tick(10));
        assertExpelled(other().expire(due(part)));
        assertExpelled(other().claim(List.of(waiting.id())));
        assertExpelled(other().takeOver(me().replica(), 10));
        assertExpelled(other().mark(part, true));
        assertExpelled(other().give(me().replica(), List.of(part)));
        assertExpelled(other().compare(Map.of()));
        assertThat(snapshot("b").progress().received()).isOne();
    }

    @Test
    default void isExpelledFromTheFirstPageOn_whenTheTakeOverIsHalfDone() {
        accepted(other(), packet("a", 1));
        Part second = accepted(other(), packet("a", 2));
        fallSilent(other(), me());

        assertThat(answer(me().takeOver(other().replica(), 1))).isFalse();

        assertExpelled(other().collate(PACKETS, second, output(2)));
        assertExpelled(other().accept(PACKETS, packet("a", 3)));
        assertExpelled(other().tick(10));
    }

    @Test
    default void isFinishedByAThird_whenATakeOverStoppedHalfWay() {
        accepted(other(), packet("a", 1));
        accepted(other(), packet("a", 2));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 1));
        Membership third = answer(store().join("third"));

        assertThat(answer(third.tick(10)).silentReplicas()).containsExactly(other().replica());
        assertThat(answer(third.takeOver(other().replica(), 10))).isTrue();
        assertThat(answer(third.journal("", 10))).extracting(Part::index).containsExactly(2);
    }

    @Test
    default void goesOnUnderANewName_whenExpelled() {
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));

        Membership again = answer(store().join("again"));

        assertThat(again.replica()).isEqualTo("again");
        accepted(again, packet("a", 1));
    }

    @Test
    default void leavesRoomAsItWas_whenPartsChangeHands() {
        Flow flow = AcceptContract.THREE_PARTS;
        together(List.of(1, 2, 3), index -> other().accept(flow, packet("a", index)));
        fallSilent(other(), me());

        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(me().accept(flow, packet("a", 4))))
                .isEqualTo(new Acceptance.Refused(Acceptance.Refusal.OVER_CAPACITY));
        collate(flow, answer(me().journal("", 1)).get(0));
        assertThat(answer(me().accept(flow, packet("a", 4)))).isInstanceOf(Acceptance.Accepted.class);
    }

    @Test
    default void isNoSuspect_whenItsReplicaLeft() {
        accepted(other(), packet("a", 1));
        answer(other().leave());

        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(me().journal("", 10))).extracting(Part::deaths).containsExactly(0);
    }

    @Test
    default void isNoSuspect_whenTheTakeOverOfWhoLeftTookSeveralPages() {
        together(List.of(1, 2, 3), index -> other().accept(PACKETS, packet("a", index)));
        answer(other().leave());

        assertThat(answer(me().takeOver(other().replica(), 1))).isFalse();
        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(me().journal("", 10))).extracting(Part::deaths).containsExactly(0, 0, 0);
    }

    @Test
    default void diesOfNothingAnyMore_whenItWasDeclaredDeadBeforeItLeft() {
        together(List.of(1, 2, 3), index -> other().accept(PACKETS, packet("a", index)));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 1));

        answer(other().leave());
        answer(me().takeOver(other().replica(), 10));

        assertThat(answer(me().journal("", 10))).extracting(Part::deaths).containsExactly(1, 1, 1);
    }

    @Test
    default void countsDeathsFromTheSecondOn_onlyOfWhatWasWorkedOn() {
        accepted(other(), packet("a", 1));
        accepted(other(), packet("a", 2));
        accepted(other(), packet("a", 3));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));
        List<Part> suspects = answer(me().journal("", 10));
        answer(me().mark(suspects.get(0), true));
        Part unmarked = answer(me().mark(answer(me().mark(suspects.get(1), true)).orElseThrow(), false)).orElseThrow();
        Membership third = answer(store().join("third"));
        fallSilent(me(), third);

        answer(third.takeOver(me().replica(), 10));

        assertThat(unmarked.deaths()).isOne();
        assertThat(answer(third.journal("", 10))).extracting(Part::index, Part::deaths)
                .containsExactlyInAnyOrder(tuple(1, 2), tuple(2, 1), tuple(3, 1));
    }

    @Test
    default void countsNoDeath_whenTheOneAtWorkLeft() {
        accepted(other(), packet("a", 1));
        fallSilent(other(), me());
        answer(me().takeOver(other().replica(), 10));
        answer(me().mark(answer(me().journal("", 10)).get(0), true));
        answer(me().leave());
        Membership third = answer(store().join("third"));

        answer(third.takeOver(me().replica(), 10));

        assertThat(answer(third.journal("", 10))).extracting(Part::deaths).containsExactly(1);
    }

    @Test
    default void standsUnderANewEntry_whenMarked() {
        Part part = accepted(last("a", 1));

        Part marked = answer(me().mark(part, true)).orElseThrow();

        assertThat(answer(me().journal("", 10))).containsExactly(marked);
        assertThat(marked.movedTo(part.entry())).isEqualTo(part);
        assertThat(collate(part)).isInstanceOf(Collated.Lost.class);
        ended(collate(marked));
    }

    @Test
    default void marksNothing_whenItIsNotInTheJournal() {
        Part part = accepted(last("a", 1));
        collate(part);

        assertThat(answer(me().mark(part, true))).isEmpty();
        assertThat(answer(me().journal("", 10))).isEmpty();
    }

    @Test
    default void learnsWhatOthersHold_asTheySaidLast() {
        answer(other().compare(Map.of("packets", 5)));
        answer(other().compare(Map.of("packets", 7, "sessions", 0)));

        Comparison comparison = answer(me().compare(Map.of()));

        assertThat(comparison).isEqualTo(new Comparison(false, Map.of(other().replica(), Map.of("packets", 7, "sessions", 0))));
        assertThat(answer(other().compare(Map.of())).others()).isEqualTo(Map.of(me().replica(), Map.of()));
    }

    @Test
    default void learnsNothing_ofWhoSaidNothingOrIsSilentOrLeft() {
        assertThat(answer(me().compare(Map.of())).others()).isEmpty();
        answer(other().compare(Map.of("packets", 5)));
        fallSilent(other(), me());
        assertThat(answer(me().compare(Map.of())).others()).isEmpty();
        Membership third = answer(store().join("third"));
        answer(third.compare(Map.of("packets", 5)));
        answer(third.leave());

        assertThat(answer(me().compare(Map.of())).others()).isEmpty();
    }

    @Test
    default void givesPartsAway_andTellsWhoGotThem() {
        Part kept = accepted(packet("a", 1));
        Part given = accepted(last("a", 2));

        assertThat(answer(me().give(other().replica(), List.of(given)))).containsExactly(given);

        assertThat(answer(me().journal("", 10))).containsExactly(kept);
        Part got = answer(other().journal("", 10)).get(0);
        assertThat(got.movedTo(given.entry())).isEqualTo(given);
        assertThat(collate(given)).isInstanceOf(Collated.Lost.class);
        assertThat(answer(other().compare(Map.of())).given()).isTrue();
        assertThat(answer(other().compare(Map.of())).given()).isFalse();
        assertThat(answer(me().compare(Map.of())).given()).isFalse();
        assertThat(answer(other().collate(PACKETS, got, output(2)))).isInstanceOf(Collated.Added.class);
    }

    @Test
    default void wantsNoMore_untilItHasCountedWhatItWasGiven() {
        answer(other().compare(Map.of("packets", 0)));
        answer(me().give(other().replica(), List.of(accepted(packet("a", 1)))));
        assertThat(answer(me().compare(Map.of())).others()).isEqualTo(Map.of(other().replica(), Map.of()));
        answer(other().compare(Map.of("packets", 0)));
        assertThat(answer(me().compare(Map.of())).others()).isEqualTo(Map.of(other().replica(), Map.of()));

        answer(other().compare(Map.of("packets", 1)));

        assertThat(answer(me().compare(Map.of())).others()).isEqualTo(Map.of(other().replica(), Map.of("packets", 1)));
    }

    @Test
    default void givesNothing_whenItIsNotThereAnyMore() {
        Part part = accepted(packet("a", 1));
        collate(part);

        assertThat(answer(me().give(other().replica(), List.of(part)))).isEmpty();
        assertThat(answer(other().journal("", 10))).isEmpty();
    }

    @Test
    default void givesNothing_toWhoIsNotAlive() {
        Part part = accepted(packet("a", 1));
        fallSilent(other(), me());

        assertThat(answer(me().give(other().replica(), List.of(part)))).isEmpty();
        answer(me().takeOver(other().replica(), 10));
        assertThat(answer(me().give(other().replica(), List.of(part)))).isEmpty();
        assertThat(answer(me().give("nobody", List.of(part)))).isEmpty();
        assertThat(answer(me().journal("", 10))).containsExactly(part);
    }

    @Test
    default void isTakenOverAtOnce_whenItLeft() {
        Part part = accepted(other(), last("a", 1));
        answer(other().leave());

        assertThat(answer(me().tick(10)).silentReplicas()).containsExactly(other().replica());
        assertThat(answer(me().takeOver(other().replica(), 10))).isTrue();
        assertThat(answer(me().journal("", 10))).extracting(Part::generation).containsExactly(part.generation());
    }

    @Test
    default void staysGone_whenItLeft() {
        answer(other().leave());
        answer(me().tick(10));
        advance(SETTINGS.lease());

        assertExpelled(other().tick(10));
        assertExpelled(other().accept(PACKETS, packet("a", 1)));
    }

    @Test
    default void refusesAnotherNumberOfPartitions_whenAReplicaLives() {
        assertThatThrownBy(() -> answer(storeSetTo(2).join("third"))).hasCauseInstanceOf(FormatMismatchException.class);
    }

    @Test
    default void takesAnotherNumberOfPartitions_whenAllLeftAndNothingIsOpen() {
        delivered("a");
        everybodyLeaves();

        assertThat(answer(storeSetTo(2).join("third")).replica()).isEqualTo("third");
        assertThatThrownBy(() -> answer(store().join("fourth"))).hasCauseInstanceOf(FormatMismatchException.class);
    }

    @Test
    default void takesAnotherNumberOfPartitions_whenAllFellSilentAndNothingIsOpen() {
        advance(SETTINGS.lease());

        assertThat(answer(storeSetTo(2).join("third")).replica()).isEqualTo("third");
    }

    @Test
    default void refusesAnotherNumberOfPartitions_whenAResourceIsOpen() {
        collate(accepted(packet("a", 1)));
        everybodyLeaves();

        assertThatThrownBy(() -> answer(storeSetTo(2).join("third"))).hasCauseInstanceOf(FormatMismatchException.class);
    }

    @Test
    default void refusesAnotherNumberOfPartitions_whenADroppedPartIsInAJournal() {
        accepted(packet("a", 1));
        answer(store().drop(id("a")));
        everybodyLeaves();

        assertThatThrownBy(() -> answer(storeSetTo(2).join("third"))).hasCauseInstanceOf(FormatMismatchException.class);
    }

    @Test
    default void refusesAnotherNumberOfPartitions_whenAnOutcomeIsUndelivered() {
        waiting("a", Duration.ofHours(1));
        everybodyLeaves();

        assertThatThrownBy(() -> answer(storeSetTo(2).join("third"))).hasCauseInstanceOf(FormatMismatchException.class);
    }

    @Test
    default void takesAnotherNumberOfPartitions_whenTheUndeliveredWasDropped() {
        ended("a");
        answer(store().drop(id("a")));
        everybodyLeaves();

        assertThat(answer(storeSetTo(2).join("third")).replica()).isEqualTo("third");
    }

    default void everybodyLeaves() {
        answer(me().leave());
        answer(other().leave());
    }

    @Test
    default void neverRepeatsAGeneration() {
        Set<String> generations = new HashSet<>();
        for (int life = 0; life < 20; life++) {
            Membership by = life % 2 == 0 ? me() : other();
            generations.add(accepted(by, packet("a", 1)).generation());
            generations.add(accepted(by, packet("b", 1)).generation());
            answer(store().drop(id("a")));
            answer(store().drop(id("b")));
        }

        assertThat(generations).hasSize(40);
    }
}
