package io.ancillary.operate;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

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
@ApplicationScoped
class Metrics implements EngineEvents {
    private final MeterRegistry registry;
    /** Looked up once each: a part costs an increment, not a search. */
    private final Map<Key, Counter> counters = new ConcurrentHashMap<>();
    private final ClassValue<String> words = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
            return type.getSimpleName().toLowerCase(Locale.ROOT);
        }
    };

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
            count("ancillary.parts.accepted", flow, "");
        } else if (acceptance instanceof Acceptance.Refused refused) {
            count("ancillary.parts.refused", flow, refused.refusal().name().toLowerCase(Locale.ROOT));
        } else {
            count("ancillary.parts.repeated", flow, "");
        }
    }

    @Override
    public void adopted(String flow) {
        count("ancillary.parts.adopted", flow, "");
    }

    @Override
    public void dropped(String flow, int parts) {
        counter("ancillary.parts.dropped", flow, "").increment(parts);
    }

    @Override
    public void given(String flow, int parts) {
        counter("ancillary.parts.given", flow, "").increment(parts);
    }

    @Override
    public void collated(String flow, Collated collated) {
        count("ancillary.parts.left", flow, words.get(collated.getClass()));
    }

    @Override
    public void completed(String flow, Completion completion) {
        count("ancillary.completions", flow, words.get(completion.getClass()));
    }

    @Override
    public void repeated(String flow) {
        count("ancillary.parts.turns.repeated", flow, "");
    }

    @Override
    public void settled(String flow, Settlement settlement) {
        count("ancillary.deliveries", flow, words.get(settlement.getClass()));
    }

    @Override
    public void tookOver() {
        count("ancillary.takeovers", "", "");
    }

    private void count(String name, String flow, String result) {
        counter(name, flow, result).increment();
    }

    private Counter counter(String name, String flow, String result) {
        Key key = new Key(name, flow, result);
        Counter known = counters.get(key);
        return known != null ? known : counters.computeIfAbsent(key, this::register);
    }

    private Counter register(Key key) {
        Tags tags = Tags.empty();
        if (!key.flow().isEmpty()) {
            tags = tags.and("flow", key.flow());
        }
        if (!key.result().isEmpty()) {
            tags = tags.and("result", key.result());
        }
        return Counter.builder(key.name()).tags(tags).register(registry);
    }

    private record Key(String name, String flow, String result) {
    }
}
