package io.ancillary.pipeline;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import io.ancillary.collation.Flow;
import io.ancillary.collation.PartResult;
import io.ancillary.collation.Snapshot;
import io.ancillary.processing.Processed;
import io.ancillary.processing.Turn;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/** Gives each part back as it came, when it is let. */
final class EchoFlow implements FlowDefinition {
    static final int MOST_OPEN = 100;

    private final Flow flow;
    private volatile boolean holding;
    private volatile boolean failing;
    private volatile Predicate<String> sticking = resource -> false;
    private volatile UniEmitter<? super PartResult> held;
    private final List<Turn> turns = new CopyOnWriteArrayList<>();
    private final Queue<Processed> arranged = new ConcurrentLinkedQueue<>();

    EchoFlow(int capacity) {
        this.flow = new Flow("echo", new Flow.Shape(false, 1, false, false, true),
                new Flow.Limits(capacity, 1000, 1000, MOST_OPEN, 1000, 1_000_000),
                new Flow.Times(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofMinutes(10)));
    }

    void hold() {
        holding = true;
    }

    void release() {
        holding = false;
    }

    /** Nothing ever comes of a turn at parts of these resources. */
    void stickAt(Predicate<String> resources) {
        sticking = resources;
    }

    void failNext() {
        failing = true;
    }

    /** Holds the part that this makes arrive, and no other. */
    UniEmitter<? super PartResult> holdNext(Runnable arrival) {
        hold();
        arrival.run();
        await().until(() -> held != null);
        release();
        return held;
    }

    @Override
    public Flow flow() {
        return flow;
    }

    /** What is answered next, in this order, before parts are given back again. */
    void answer(Processed... answers) {
        arranged.addAll(List.of(answers));
    }

    /** All turns there were. */
    List<Turn> turns() {
        return turns;
    }

    @Override
    public Uni<Processed> process(Turn turn) {
        turns.add(turn);
        Processed next = arranged.poll();
        if (next != null) {
            return Uni.createFrom().item(next);
        }
        if (sticking.test(turn.part().part().id().resource())) {
            return Uni.createFrom().nothing();
        }
        if (failing) {
            return Uni.createFrom().failure(new IllegalStateException("on purpose"));
        }
        return holding ? Uni.createFrom().<PartResult> emitter(emitter -> held = emitter).map(Processed.Done::new)
                : Uni.createFrom().item(new Processed.Done(new PartResult.Output(turn.body())));
    }

    @Override
    public Optional<PartResult.Output> output(String json) {
        return Optional.of(new PartResult.Output(json));
    }

    /** {@code resource=outputs}, or {@code resource=incomplete}. */
    @Override
    public OutcomeWriter writer() {
        return new OutcomeWriter() {
            private boolean incomplete;

            @Override
            public void begin(Snapshot of, StringBuilder to) {
                to.append(of.id().resource()).append('=');
            }

            @Override
            public void output(PartResult.Output output, StringBuilder to) {
                to.append(output.json());
            }

            @Override
            public void missing(int index, StringBuilder to) {
                incomplete = true;
            }

            @Override
            public void failed(int index, String error, StringBuilder to) {
                incomplete = true;
            }

            @Override
            public void end(StringBuilder to) {
                if (incomplete) {
                    to.append("incomplete");
                }
            }
        };
    }

    @Override
    public Optional<URI> webhook() {
        return Optional.of(URI.create("http://localhost/"));
    }
}
