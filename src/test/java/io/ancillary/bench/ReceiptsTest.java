package io.ancillary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.LightReceiver.Webhook;

/** What the benchmark takes for right and for wrong. */
class ReceiptsTest {
    private static final Packets PACKETS = new Packets("p-", 2);

    private final Receipts receipts = new Receipts(2, PACKETS::resourceOf);

    @Test
    void areComplete_whenEachOutcomeCameUnderOneIdOfItsOwn() throws Exception {
        take("a", PACKETS.outcome(0));
        take("b", PACKETS.outcome(1));
        receipts.awaitAll();
        assertThat(receipts.id(1)).isEqualTo("b");
    }

    @Test
    void fail_whenAnOutcomeCameTwice() {
        take("a", PACKETS.outcome(0));
        take("b", PACKETS.outcome(1));
        take("b", PACKETS.outcome(1));
        assertThatThrownBy(receipts::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("1 webhooks came again");
    }

    @Test
    void fail_whenAnOutcomeCameAgainAfterAllWereThere() throws Exception {
        take("a", PACKETS.outcome(0));
        take("b", PACKETS.outcome(1));
        receipts.awaitAll();
        take("a", PACKETS.outcome(0));
        assertThatThrownBy(receipts::checkWhatCame).isInstanceOf(AssertionError.class);
    }

    @Test
    void fail_whenOneCameOfWhatMustStayOpen() {
        Receipts none = Receipts.none();
        none.take(new Webhook(0, "/", "a", PACKETS.outcome(0)));
        assertThatThrownBy(none::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("a to /");
    }

    @Test
    void fail_atOnce_whenOneIsWrongAndOthersAreMissing() {
        take("a", "{}");
        assertThatThrownBy(receipts::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("a to /");
    }

    @Test
    void fail_whenAnOutcomeIsNotAsItMustBe() {
        take("a", PACKETS.outcome(0));
        take("b", PACKETS.outcome(1));
        take("c", PACKETS.outcome(1).replace("[9,", "[8,"));
        assertThatThrownBy(receipts::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("[8,");
    }

    @Test
    void fail_whenAnOutcomeIsNoneOfThese() {
        take("a", PACKETS.outcome(0));
        take("b", PACKETS.outcome(1));
        take("c", PACKETS.outcome(2));
        assertThatThrownBy(receipts::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("c to /");
    }

    @Test
    void fail_whenAnOutcomeCameUnderTwoIds() {
        take("a", PACKETS.outcome(0));
        take("b", PACKETS.outcome(1));
        take("c", PACKETS.outcome(1));
        assertThatThrownBy(receipts::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("another id");
    }

    @Test
    void fail_whenTwoOutcomesHaveOneId() {
        take("a", PACKETS.outcome(0));
        take("a", PACKETS.outcome(1));
        assertThatThrownBy(receipts::awaitAll).isInstanceOf(AssertionError.class).hasMessageContaining("two outcomes");
    }

    private void take(String id, String body) {
        receipts.take(new Webhook(0, "/", id, body));
    }
}
