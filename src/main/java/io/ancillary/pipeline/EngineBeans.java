package io.ancillary.pipeline;

import java.time.Clock;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.ancillary.collation.StoreSettings;

/** What the engine's parts are given rather than find. */
class EngineBeans {

    @Produces
    @Singleton
    StoreSettings storeSettings(EngineConfig config) {
        return new StoreSettings(config.partitions(), Engine.BEAT, config.processing().lease(), config.retention(),
                config.dead().retention());
    }

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }
}
