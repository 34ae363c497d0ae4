package io.ancillary.redis;

import java.net.URI;
import java.nio.file.Path;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.redis.client.RedisHostsProvider;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.common.annotation.Identifier;

/**
 * Gives the Redis client the embedded server where {@code quarkus.redis.hosts-provider-name=embedded} asks for it;
 * {@code quarkus.redis.hosts} goes before. Each profile has a server of its own, since continuous testing runs in the
 * JVM of dev mode and must not clear what the developer looks at.
 */
@ApplicationScoped
@Identifier("embedded")
@IfBuildProfile(anyOf = { "dev", "test" })
class EmbeddedRedisHosts implements RedisHostsProvider {

    private static final Path DIRECTORY = Path.of("target", "embedded-redis");

    private final EmbeddedRedis server;

    EmbeddedRedisHosts() {
        server = new EmbeddedRedis(DIRECTORY, String.join("-", ConfigUtils.getProfiles()),
                RedisBinary.forThisMachine(DIRECTORY));
    }

    @Override
    public Set<URI> getHosts() {
        return Set.of(URI.create("redis://127.0.0.1:" + server.start()));
    }
}
