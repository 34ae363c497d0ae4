package io.ancillary.collation;

import static io.ancillary.collation.AcceptContract.REPEATED;
import static io.ancillary.collation.AcceptContract.refused;
import static io.ancillary.collation.StoreFixture.last;
import static io.ancillary.collation.StoreFixture.packet;
import static io.ancillary.collation.StoreFixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Refusal;
import io.ancillary.collation.Flow.Shape;

/** Where an outcome is to be delivered, as far as the client says so. */
interface CallbackContract extends StoreFixture {
    Flow ADDRESSED = StoreFixture.flow("addressed", new Shape(false, 1, true, false, false), 10, 10);
    String HERE = "https://example.com/here";
    String THERE = "https://example.com/there";

    @Test
    default void hasNoCallback_whenNoPacketBringsOne() {
        accepted(packet("a", 1));

        assertThat(snapshot("a").terms().callback()).isEmpty();
    }

    @Test
    default void keepsTheCallback_whenTheFirstPacketBringsIt() {
        accepted(to(HERE, packet("a", 1)));

        assertThat(snapshot("a").terms().callback()).contains(HERE);
    }

    @Test
    default void keepsTheCallback_whenALaterPacketBringsIt() {
        accepted(packet("a", 1));

        accepted(to(HERE, packet("a", 2)));

        assertThat(snapshot("a").terms().callback()).contains(HERE);
    }

    @Test
    default void keepsTheCallback_whenALaterPacketBringsNone() {
        accepted(to(HERE, packet("a", 1)));

        accepted(packet("a", 2));

        assertThat(snapshot("a").terms().callback()).contains(HERE);
    }

    @Test
    default void takesAPacket_whenItBringsTheSameCallback() {
        accepted(to(HERE, packet("a", 1)));

        accepted(to(HERE, last("a", 2)));

        assertThat(snapshot("a").progress().received()).isEqualTo(2);
    }

    @Test
    default void refusesAPacket_whenItBringsAnotherCallback() {
        accepted(to(HERE, packet("a", 1)));

        assertThat(accept(to(THERE, packet("a", 2)))).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
        assertThat(snapshot("a").terms().callback()).contains(HERE);
        assertThat(snapshot("a").progress().received()).isOne();
    }

    @Test
    default void refusesTheSecondCallback_whenBothTravelTogether() {
        List<Acceptance> answers = together(List.of(to(HERE, packet("a", 1)), to(THERE, packet("a", 2))),
                arrival -> me().accept(PACKETS, arrival));

        assertThat(answers.get(1)).isEqualTo(refused(Refusal.CONTENT_CONFLICT));
    }

    @Test
    default void refusesForTheFinish_beforeTheCallback_whenBothAreWrong() {
        ended(collate(accepted(to(HERE, last("a", 1)))));

        assertThat(accept(to(THERE, packet("a", 2)))).isEqualTo(refused(Refusal.RESOURCE_FINISHED));
    }

    @Test
    default void tellsTheOutcomeItsCallback() {
        Delivery delivery = ended(collate(accepted(to(HERE, last("a", 1)))));

        assertThat(outcome(delivery).of().terms().callback()).contains(HERE);
    }

    @Test
    default void refusesAPacket_whenACallbackIsRequiredAndUnknown() {
        assertThat(answer(me().accept(ADDRESSED, packet("a", 1)))).isEqualTo(refused(Refusal.NO_WEBHOOK));
        assertThat(answer(store().find(new CollationId("addressed", "a")))).isEmpty();
    }

    @Test
    default void takesAPacketWithoutCallback_whenTheCollationHasTheOneRequired() {
        accepted(me(), ADDRESSED, to(HERE, packet("a", 1)));

        accepted(other(), ADDRESSED, packet("a", 2));

        assertThat(answer(me().accept(ADDRESSED, packet("a", 2)))).isEqualTo(REPEATED);
    }

    @Test
    default void refusesForTheCallback_whenThereIsNoRoomEither() {
        Flow full = StoreFixture.flow("full", new Shape(false, 1, true, false, false), 0, 0);

        assertThat(answer(me().accept(full, packet("a", 1)))).isEqualTo(refused(Refusal.NO_WEBHOOK));
    }
}
