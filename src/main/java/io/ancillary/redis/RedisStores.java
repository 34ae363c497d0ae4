package io.ancillary.redis;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.ancillary.collation.CollationStore;
import io.ancillary.collation.Partitions;
import io.ancillary.collation.StoreSettings;
import io.ancillary.processing.AccessList;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;

/** Makes what is kept in Redis: the store of each partition, each over a connection of its own, and the rest. */
@Singleton
public class RedisStores {
    /** After this a call counts as unanswered, and by Redis' clock it is not begun any more. */
    static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    private final StoreSettings settings;
    private final List<RedisLink> links;

    /** @param asked not used: for whom nobody asks, Quarkus makes no client, and so no options */
    RedisStores(Vertx vertx, Redis asked, ClientOptions options, StoreSettings settings) {
        RedisOptions made = options.get();
        this.settings = settings;
        this.links = IntStream.range(0, settings.partitions())
                .mapToObj(partition -> new RedisLink(vertx, () -> Redis.createClient(vertx, new RedisOptions(made)),
                        CALL_TIMEOUT))
                .toList();
    }

    @Produces
    @Singleton
    Partitions partitions() {
        return new Partitions(IntStream.range(0, links.size())
                .mapToObj(partition -> store(links.get(partition), partition, settings)).toList());
    }

    @PreDestroy
    void close() {
        links.forEach(RedisLink::close);
    }

    @Produces
    @Singleton
    AccessList accessList() {
        return new RedisAccessList(Keys.of(0), links.get(0));
    }

    private static CollationStore store(RedisLink link, int partition, StoreSettings settings) {
        return new RedisStore(Keys.of(partition), link, new ServerClock(System::nanoTime), settings);
    }
}
