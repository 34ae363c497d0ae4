package io.ancillary.redis;

import java.time.Duration;
import java.util.stream.IntStream;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Partitions;
import io.ancillary.collation.StoreSettings;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;

/** Makes the store of each partition. */
public class RedisStores {
    /** After this a call counts as unanswered, and by Redis' clock it is not begun any more. */
    static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    @Produces
    @Singleton
    Partitions partitions(Vertx vertx, Redis client, StoreSettings settings) {
        return new Partitions(IntStream.range(0, settings.partitions())
                .mapToObj(partition -> store(vertx, client, partition, settings)).toList());
    }

    /** The store of one partition, over a connection of its own. */
    public static CollationStore store(Vertx vertx, Redis client, int partition, StoreSettings settings) {
        return new RedisStore(Keys.of(partition), new RedisLink(vertx, client, CALL_TIMEOUT),
                new ServerClock(System::nanoTime), settings);
    }
}
