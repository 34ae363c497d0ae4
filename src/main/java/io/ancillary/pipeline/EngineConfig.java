package io.ancillary.pipeline;

import java.time.Duration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What every flow shares. */
@ConfigMapping(prefix = "ancillary")
public interface EngineConfig {

    /** Slices of all resources. Every replica must say the same. */
    @WithDefault("1")
    int partitions();

    /** How long finished work stays visible, and its ids taken. */
    @WithDefault("24h")
    Duration retention();

    /** Whether a replica has itself warmed up before it says that it is ready. */
    @WithDefault("true")
    boolean warmUp();

    Processing processing();

    Journal journal();

    Waiting waiting();

    Dead dead();

    Open open();

    /** How parts are processed. */
    interface Processing {

        /** Silence after which a replica's work is taken over. */
        @WithDefault("3s")
        Duration lease();

        /** How long a replica that is stopped goes on with what is under way, before it hands the rest to others. */
        @WithDefault("5s")
        Duration drainTimeout();

        /** Parts in processing, per replica, partition and flow. */
        @WithDefault("256")
        int concurrency();
    }

    /** Parts accepted and not yet collated. */
    interface Journal {

        /** Per partition and flow; beyond, intake says 503. */
        @WithDefault("10000")
        int capacity();
    }

    /** Parts that their processor has put off. */
    interface Waiting {

        /** Per partition and flow; beyond, intake says 503. */
        @WithDefault("1000000")
        int capacity();
    }

    /** Parts that failed, of resources that are held open for them. */
    interface Dead {

        /** Per partition and flow; beyond, intake says 503: what failed is not dropped to make room. */
        @WithDefault("100000")
        int capacity();

        /** How long a dead letter stays visible. */
        @WithDefault("14d")
        Duration retention();
    }

    /** Resources that have not ended. */
    interface Open {

        /** Per partition and flow; beyond, new resources get 503. */
        @WithDefault("1000000")
        int capacity();
    }
}
