package io.ancillary.operate;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import io.ancillary.collation.Acceptance;
import io.ancillary.collation.Collated;
import io.ancillary.collation.Completion;
import io.ancillary.collation.Settlement;
import io.ancillary.pipeline.Engine;
import io.ancillary.pipeline.EngineEvents;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.StartupEvent;

/**
 * The engine's events as Micrometer counters. For each flow:
 * {@code parts_accepted + parts_adopted = parts_left (all results) + parts_dropped + parts_given + parts_held}.
 */
@Singleton
class Metrics implements EngineEvents {
    private final MeterRegistry registry;
    private final Map<String, OfFlow> flows = new ConcurrentHashMap<>();

    Metrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void gauges(@Observes StartupEvent started, Engine engine) {
        for (String flow : engine.flowNames()) {
            Gauge.builder("ancillary.parts.held", engine, it -> it.held(flow)).tag("flow", flow).register(registry);
        }
    }

    @Override
    public void answered(String flow, Acceptance acceptance) {
        if (acceptance instanceof Acceptance.Accepted) {
            of(flow).count("ancillary.parts.accepted");
        } else if (acceptance instanceof Acceptance.Refused refused) {
            of(flow).count("ancillary.parts.refused", refused.refusal(), refused.refusal().name());
        } else {
            of(flow).count("ancillary.parts.repeated");
        }
    }

    @Override
    public void adopted(String flow) {
        of(flow).count("ancillary.parts.adopted");
    }

    @Override
    public void dropped(String flow, int parts) {
        of(flow).counter("ancillary.parts.dropped").increment(parts);
    }

    @Override
    public void given(String flow, int parts) {
        of(flow).counter("ancillary.parts.given").increment(parts);
    }

    @Override
    public void collated(String flow, Collated collated) {
        of(flow).count("ancillary.parts.left", collated);
    }

    @Override
    public void completed(String flow, Completion completion) {
        of(flow).count("ancillary.completions", completion);
    }

    @Override
    public void repeated(String flow) {
        of(flow).count("ancillary.parts.turns.repeated");
    }

    @Override
    public void settled(String flow, Settlement settlement) {
        of(flow).count("ancillary.deliveries", settlement);
    }

    @Override
    public void tookOver() {
        registry.counter("ancillary.takeovers").increment();
    }

    private OfFlow of(String flow) {
        OfFlow known = flows.get(flow);
        return known != null ? known : flows.computeIfAbsent(flow, OfFlow::new);
    }

    /** The counters of one flow, each found by what is least to look at: a part costs several. */
    private final class OfFlow {
        private final String flow;
        /** By name, by refusal, or by the kind of thing that happened. */
        private final Map<Object, Counter> counters = new ConcurrentHashMap<>();

        OfFlow(String flow) {
            this.flow = flow;
        }

        void count(String name) {
            counter(name).increment();
        }

        void count(String name, Object what) {
            count(name, what.getClass(), what.getClass().getSimpleName());
        }

        void count(String name, Object key, String result) {
            Counter known = counters.get(key);
            (known != null ? known : counters.computeIfAbsent(key, first -> register(name, result))).increment();
        }

        Counter counter(String name) {
            Counter known = counters.get(name);
            return known != null ? known : counters.computeIfAbsent(name, first -> register(name, ""));
        }

        private Counter register(String name, String result) {
            Tags tags = Tags.of("flow", flow);
            return Counter.builder(name).tags(result.isEmpty() ? tags : tags.and("result", result.toLowerCase(Locale.ROOT)))
                    .register(registry);
        }
    }
}
