package io.ancillary.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import io.ancillary.testsupport.RedisProcess;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/**
 * The Redis that the service under measurement uses: one of the benchmark's own, or one that was given, which is used as
 * it is configured. What it costs it says itself, in microseconds, wherever it runs.
 */
final class Redis implements AutoCloseable {
    private final String url;
    private final Optional<RedisProcess> process;
    private final Vertx vertx = Vertx.vertx();
    private final io.vertx.redis.client.Redis client;

    private Redis(String url, Optional<RedisProcess> process) {
        this.url = url;
        this.process = process;
        this.client = io.vertx.redis.client.Redis.createClient(vertx, url);
    }

    /**
     * A Redis of its own. It never rewrites its append-only file by itself: when that would come depends on how long a run
     * has been going on, not on what is measured.
     */
    static Redis start() {
        RedisProcess process = RedisProcess.start("--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0");
        return new Redis(process.url(), Optional.of(process));
    }

    static Redis given(String url) {
        return new Redis(url, Optional.empty());
    }

    /** What is kept on disk. */
    enum Aof {
        OFF,
        EVERYSEC,
        AS_CONFIGURED
    }

    /** What it can be had keep on disk: of one that was given, nothing but what it does already. */
    List<Aof> aofs() {
        return process.isPresent() ? List.of(Aof.OFF, Aof.EVERYSEC) : List.of(Aof.AS_CONFIGURED);
    }

    /** Of those, what stands for production. */
    Aof usualAof() {
        return process.isPresent() ? Aof.EVERYSEC : Aof.AS_CONFIGURED;
    }

    /** Gives how its append-only file is kept from now on: {@code off}, or how often it is written to disk. */
    String keep(Aof aof) {
        if (aof != Aof.AS_CONFIGURED) {
            send(Request.cmd(Command.CONFIG).arg("SET").arg("appendonly").arg(aof == Aof.OFF ? "no" : "yes"));
            // It begins by writing down all there is.
            Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50))
                    .until(() -> !stats().isRewriting());
        }
        return setting("appendonly").equals("yes") ? setting("appendfsync") : "off";
    }

    String url() {
        return url;
    }

    Stats stats() {
        return new Stats(info("all").lines().filter(line -> line.contains(":"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf(':')),
                        line -> line.substring(line.indexOf(':') + 1).strip(), (first, second) -> second)));
    }

    /** How many parts are in the journals of all replicas. */
    long journalled() {
        return keys("anc:*:journal:*").mapToLong(key -> send(Request.cmd(Command.XLEN).arg(key)).toLong()).sum();
    }

    /** How many resources are open, by the store's own account. */
    long open() {
        return keys("anc:*:meta").map(key -> send(Request.cmd(Command.HGET).arg(key).arg("open:packets")))
                .filter(Objects::nonNull).mapToLong(Response::toLong).sum();
    }

    private Stream<String> keys(String pattern) {
        return send(Request.cmd(Command.KEYS).arg(pattern)).stream().map(Response::toString);
    }

    private String setting(String name) {
        return send(Request.cmd(Command.CONFIG).arg("GET").arg(name)).get(name).toString();
    }

    private String info(String section) {
        return send(Request.cmd(Command.INFO).arg(section)).toString();
    }

    private Response send(Request request) {
        return client.send(request).toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        process.ifPresent(RedisProcess::close);
    }

    /** What {@code INFO} says at one time. */
    record Stats(Map<String, String> fields) {

        String version() {
            return field("redis_version");
        }

        /** CPU time used so far, user and system, children too. */
        double cpuMicros() {
            return 1e6 * (number("used_cpu_user") + number("used_cpu_sys") + number("used_cpu_user_children")
                    + number("used_cpu_sys_children"));
        }

        double usedMemory() {
            return number("used_memory");
        }

        /** How often scripts and functions were called so far. */
        double scriptCalls() {
            if (fields.keySet().stream().noneMatch(name -> name.startsWith("cmdstat_"))) {
                throw new AssertionError("Redis does not say which commands were called");
            }
            return calls("eval") + calls("evalsha") + calls("fcall");
        }

        boolean isRewriting() {
            return number("aof_rewrite_in_progress") + number("aof_rewrite_scheduled") > 0;
        }

        /** Redis names no command that was never called. */
        private double calls(String command) {
            String line = fields.getOrDefault("cmdstat_" + command, "calls=0,");
            return Double.parseDouble(line.substring("calls=".length(), line.indexOf(',')));
        }

        private double number(String field) {
            return Double.parseDouble(field(field));
        }

        private String field(String name) {
            String value = fields.get(name);
            if (value == null) {
                throw new AssertionError("Redis says nothing of " + name);
            }
            return value;
        }
    }
}
