package io.ancillary.redis;

import java.util.function.Supplier;

import jakarta.inject.Singleton;

import org.jspecify.annotations.Nullable;

import io.quarkus.arc.Unremovable;
import io.quarkus.redis.client.RedisOptionsCustomizer;
import io.quarkus.redis.runtime.client.config.RedisConfig;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;

/**
 * What Quarkus makes of its keys for Redis: hosts, Sentinel, Cluster, TLS. Its own client has all connections on one event
 * loop; ours are made of the same options, one for each partition.
 */
@Singleton
@Unremovable
class ClientOptions implements RedisOptionsCustomizer, Supplier<RedisOptions> {
    private volatile @Nullable RedisOptions options;

    /** Quarkus makes its client, and so the options, before anything is made that asks for them. */
    @Override
    public void customize(String client, RedisOptions made) {
        if (client.equals(RedisConfig.DEFAULT_CLIENT_NAME)) {
            options = made;
        }
    }

    @Override
    public RedisOptions get() {
        RedisOptions made = options;
        if (made == null) {
            throw new IllegalStateException("there are no options for Redis");
        }
        return made;
    }
}
