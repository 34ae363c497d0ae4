package io.ancillary.testsupport;

import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/** Gives the packaged service what in production it is given: a Redis, and a port for its management. */
public class RedisResource implements QuarkusTestResourceLifecycleManager {

    private RedisProcess redis;

    @Override
    public Map<String, String> start() {
        redis = RedisProcess.start();
        return Map.of("quarkus.redis.hosts", redis.url(), "quarkus.management.port", "0");
    }

    @Override
    public void stop() {
        if (redis != null) {
            redis.close();
        }
    }
}
