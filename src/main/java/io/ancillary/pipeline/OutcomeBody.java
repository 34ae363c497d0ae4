package io.ancillary.pipeline;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Collected;
import io.ancillary.collation.Delivery;
import io.ancillary.collation.OutcomePage;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.delivery.Body;
import io.ancillary.delivery.Body.TooLargeException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;

/** Makes the body of one delivery from the pages of its outcome, as they come. */
final class OutcomeBody {
    /** Most bodies are sent in one go; of a long one nothing is held twice for longer than this. */
    private static final int PIECE = 64 * 1024;

    private final CollationStore store;
    private final Delivery delivery;
    private final OutcomeWriter writer;
    private final long most;

    private final StringBuilder text = new StringBuilder();
    private final List<Buffer> pieces = new ArrayList<>();
    private long length;
    /** Indices that have a result. */
    private final BitSet settled = new BitSet();
    private BitSet received = new BitSet();
    private boolean begun;
    private boolean behindOutputs;
    /** All up to here that had not been finished by the deadline have been told. */
    private int told;

    /** Takes how many bytes there may be at most. */
    OutcomeBody(CollationStore store, Delivery delivery, OutcomeWriter writer, long most) {
        this.store = store;
        this.delivery = delivery;
        this.writer = writer;
        this.most = most;
    }

    /**
     * Empty when there is nothing to deliver any more; fails with {@link TooLargeException} when there is too much.
     *
     * @param known the first page, where somebody has it
     */
    Uni<Optional<Body>> read(Optional<OutcomePage> known) {
        return known.map(this::from).orElseGet(() -> from(0));
    }

    private Uni<Optional<Body>> from(int rank) {
        return Repeating.call(() -> store.outcome(delivery, rank)).chain(found -> found.map(this::from)
                .orElseGet(() -> Uni.createFrom().item(Optional.empty())));
    }

    private Uni<Optional<Body>> from(OutcomePage page) {
        return add(page).chain(() -> page.isLast() ? Uni.createFrom().item(Optional.of(end())) : from(page.next()));
    }

    /** Once the first failure comes, or the end, all outputs have been: then it is known what is missing. */
    private Uni<Void> add(OutcomePage page) {
        if (!begun) {
            begun = true;
            told = page.of().first();
            writer.begin(page.of(), text);
        }
        List<Collected> failures = new ArrayList<>();
        for (Collected collected : page.results()) {
            if (collected.result() instanceof PartResult.Output output) {
                settled.set(collected.index());
                writer.output(output, text);
            } else {
                failures.add(collected);
            }
        }
        if (text.length() > PIECE) {
            flush();
        }
        return failures.isEmpty() && !page.isLast() ? Uni.createFrom().voidItem()
                : leaveOutputs(page.of()).invoke(() -> fail(page, failures));
    }

    private Uni<Void> leaveOutputs(Snapshot of) {
        if (behindOutputs) {
            return Uni.createFrom().voidItem();
        }
        behindOutputs = true;
        boolean whole = of.missing() == 0 && of.unfinished() == 0;
        return whole ? Uni.createFrom().voidItem() : Repeating.call(() -> store.received(of)).invoke(indices -> {
            received = indices;
            for (int i = indices.nextClearBit(of.first()); i <= of.upTo(); i = indices.nextClearBit(i + 1)) {
                writer.missing(i, text);
            }
        }).replaceWithVoid();
    }

    private void fail(OutcomePage page, List<Collected> failures) {
        for (Collected failed : failures) {
            tellUnfinished(failed.index());
            settled.set(failed.index());
            writer.failed(failed.index(), ((PartResult.Failure) failed.result()).error(), text);
        }
        if (page.isLast()) {
            tellUnfinished(page.of().upTo() + 1);
            writer.end(text);
            flush();
        }
    }

    /** Failures come in order: what lies before this one, was received and has no result will have none. */
    private void tellUnfinished(int before) {
        for (int i = received.nextSetBit(told); i >= 0 && i < before; i = received.nextSetBit(i + 1)) {
            if (!settled.get(i)) {
                writer.failed(i, Collected.DEADLINE, text);
            }
        }
        told = before;
    }

    private void flush() {
        Buffer piece = Buffer.buffer(text.toString());
        text.setLength(0);
        length += piece.length();
        if (length > most) {
            throw new TooLargeException(most);
        }
        pieces.add(piece);
    }

    private Body end() {
        return new Body(pieces);
    }
}
