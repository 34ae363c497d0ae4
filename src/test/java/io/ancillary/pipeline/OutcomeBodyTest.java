package io.ancillary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.ancillary.collation.Acceptance.Accepted;
import io.ancillary.collation.Arrival;
import io.ancillary.collation.Collated;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.Flow;
import io.ancillary.collation.Membership;
import io.ancillary.collation.Membership.Due;
import io.ancillary.collation.Part;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.PartResult.Failure;
import io.ancillary.collation.PartResult.Output;
import io.ancillary.collation.ReferenceStore;
import io.ancillary.collation.Snapshot;
import io.ancillary.collation.StoreSettings;
import io.ancillary.delivery.Body;
import io.ancillary.delivery.Body.TooLargeException;
import io.ancillary.testsupport.ManualClock;
import io.vertx.core.buffer.Buffer;

/** Over a store that gives three results a page. */
class OutcomeBodyTest {
    private static final Flow FLOW = new Flow("packets", new Flow.Shape(false, 1, false, false, false),
            new Flow.Limits(1000, 1000, 1000, 1000, 1000, 1_000_000),
            new Flow.Times(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofMinutes(10)));

    private final ManualClock clock = new ManualClock(Instant.EPOCH.plus(Duration.ofDays(1)));
    private final ReferenceStore store = new ReferenceStore(clock, new StoreSettings(1, Duration.ofMillis(500),
            Duration.ofSeconds(3), Duration.ofHours(24), Duration.ofDays(14)));
    private final List<Part> parts = new ArrayList<>();
    private Membership me;

    /** Calls each kind by a letter. */
    private static final class Letters implements OutcomeWriter {

        @Override
        public void begin(Snapshot of, StringBuilder to) {
            to.append("begin ").append(of.id().resource());
        }

        @Override
        public void output(Output output, StringBuilder to) {
            to.append(" o").append(output.json());
        }

        @Override
        public void missing(int index, StringBuilder to) {
            to.append(" m").append(index);
        }

        @Override
        public void failed(int index, String error, StringBuilder to) {
            to.append(" f").append(index).append(error);
        }

        @Override
        public void end(StringBuilder to) {
            to.append(" end");
        }
    }

    @BeforeEach
    void join() {
        me = store.join("me").toCompletableFuture().join();
    }

    private void accept(int index, boolean last) {
        Arrival arrival = new Arrival("a", index, last, "digest " + index, "body", Optional.empty(), Optional.empty());
        parts.add(((Accepted) me.accept(FLOW, arrival).toCompletableFuture().join()).part());
    }

    private Collated collate(int index, PartResult result) {
        Part part = parts.stream().filter(it -> it.index() == index).findAny().orElseThrow();
        return me.collate(FLOW, part, result).toCompletableFuture().join();
    }

    private Optional<Body> body(Delivery delivery, long most) {
        return new OutcomeBody(store, delivery, new Letters(), most).read(Optional.empty()).await()
                .atMost(Duration.ofSeconds(5));
    }

    private String text(Delivery delivery) {
        return body(delivery, 10_000).orElseThrow().pieces().stream().map(Buffer::toString).collect(Collectors.joining());
    }

    private Delivery expired() {
        return me.expire(new Due(parts.get(0).id(), parts.get(0).generation())).toCompletableFuture().join().orElseThrow();
    }

    @Test
    void writesOutputsInIndexOrder_overManyPages() {
        IntStream.rangeClosed(1, 8).forEach(index -> accept(index, index == 8));
        IntStream.iterate(8, index -> index > 1, index -> index - 1).forEach(index -> collate(index, new Output("" + index)));
        Delivery delivery = ((Collated.Ended) collate(1, new Output("1"))).delivery();

        assertThat(text(delivery)).isEqualTo("begin a o1 o2 o3 o4 o5 o6 o7 o8 end");
        assertThat(body(delivery, 10_000).orElseThrow().pieces()).hasSize(1);
    }

    @Test
    void writesWhatIsMissing_thenWhatFailed_behindAllOutputs() {
        List.of(2, 3, 5, 6, 9).forEach(index -> accept(index, index == 9));
        collate(3, new Failure("no"));
        collate(9, new Failure("not"));
        List.of(2, 5, 6).forEach(index -> collate(index, new Output("" + index)));
        clock.advance(Duration.ofMinutes(2));

        assertThat(text(expired())).isEqualTo("begin a o2 o5 o6 m1 m4 m7 m8 f3no f9not end");
    }

    @Test
    void writesWhatWasUnfinishedAtTheDeadline_amongTheFailures() {
        IntStream.rangeClosed(1, 9).forEach(index -> accept(index, index == 9));
        List.of(2, 6).forEach(index -> collate(index, new Failure("no")));
        List.of(1, 5, 8).forEach(index -> collate(index, new Output("" + index)));
        clock.advance(Duration.ofHours(2));

        assertThat(text(expired())).isEqualTo(
                "begin a o1 o5 o8 f2no f3deadline f4deadline f6no f7deadline f9deadline end");
    }

    @Test
    void writesOnlyWhatIsMissing_whenNothingWasFinished() {
        accept(2, true);
        clock.advance(Duration.ofHours(2));

        assertThat(text(expired())).isEqualTo("begin a m1 f2deadline end");
    }

    @Test
    void isEmpty_whenTheResourceIsGone() {
        accept(1, true);
        Delivery delivery = ((Collated.Ended) collate(1, new Output("1"))).delivery();

        store.drop(delivery.collation());

        assertThat(body(delivery, 10_000)).isEmpty();
    }

    @Test
    void isTooLarge_whenItHasMoreBytesThanMayBe() {
        accept(1, true);
        Delivery delivery = ((Collated.Ended) collate(1, new Output("\"é\""))).delivery();
        long length = body(delivery, 10_000).orElseThrow().length();

        assertThat(body(delivery, length)).isPresent();
        assertThatThrownBy(() -> body(delivery, length - 1)).isInstanceOf(TooLargeException.class)
                .hasMessageContaining(String.valueOf(length - 1));
    }
}
