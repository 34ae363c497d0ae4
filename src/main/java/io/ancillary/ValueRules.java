package io.ancillary;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import io.ancillary.delivery.AllowedHost;
import io.ancillary.delivery.CallbacksConfig;
import io.ancillary.delivery.DeliveryConfig;
import io.ancillary.delivery.Network;
import io.ancillary.delivery.Signatures;
import io.ancillary.delivery.WebhookConfig;
import io.ancillary.http.AccessConfig;
import io.ancillary.inbound.InboundConfig;
import io.ancillary.packets.PacketsConfig;
import io.ancillary.pipeline.Engine;
import io.ancillary.pipeline.EngineConfig;
import io.ancillary.processing.CompletionConfig;
import io.ancillary.processing.ServiceConfig;
import io.ancillary.sessions.AccessListFile;
import io.ancillary.sessions.SessionsConfig;
import io.smallrye.config.SmallRyeConfig;

/** What each value must be besides being of its type. */
final class ValueRules {
    private static final int MOST_PARTITIONS = 1024;
    private static final int MOST_PACKETS = 1_000_000;
    private static final int MOST_PAYLOAD = 20_000;
    /** Shorter, and a pause for garbage collection would look like death. */
    private static final Duration SHORTEST_LEASE = Engine.BEAT.multipliedBy(3);

    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final long LARGEST_BODY = 1024 * 1024;
    private static final int HIGHEST_PORT = 65_535;
    private static final Pattern HEADER_VALUE = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");
    private static final Pattern REDIS_URL = Pattern.compile("rediss?://([^/?#]*@)?[^/?#@:][^/?#@]*([/?#].*)?|unix://.+");

    private final SmallRyeConfig config;
    private final List<String> problems = new ArrayList<>();

    ValueRules(SmallRyeConfig config) {
        this.config = config;
    }

    List<String> problems() {
        redis();
        check(!port("http", "8080").equals(port("management", "9000")),
                "quarkus.http.port and quarkus.management.port are the same: two servers cannot share one");
        engine(config.getConfigMapping(EngineConfig.class));
        packets(config.getConfigMapping(PacketsConfig.class));
        sessions(config.getConfigMapping(SessionsConfig.class));
        delivery(config.getConfigMapping(DeliveryConfig.class), config.getConfigMapping(WebhookConfig.class));
        completion(config.getConfigMapping(CompletionConfig.class));
        callbacks(config.getConfigMapping(CallbacksConfig.class));
        inbound(config.getConfigMapping(InboundConfig.class));
        AccessConfig access = config.getConfigMapping(AccessConfig.class);
        secret("ancillary.operator-token", access.operatorToken(), access.operatorTokenFile());
        secret("ancillary.producer-token", access.producerToken(), access.producerTokenFile());
        return problems;
    }

    /** Not repeated when wrong: there may be a password in it. */
    private void redis() {
        Optional<List<String>> hosts = config.getOptionalValues("quarkus.redis.hosts", String.class);
        boolean given = hosts.isPresent()
                || config.getOptionalValue("quarkus.redis.hosts-provider-name", String.class).isPresent();
        check(given, "QUARKUS_REDIS_HOSTS is missing: say where Redis is, such as redis://localhost:6379");
        check(hosts.orElse(List.of()).stream().allMatch(host -> isRedis(host.strip())),
                "QUARKUS_REDIS_HOSTS is not a valid value: URLs are allowed, such as redis://localhost:6379");
    }

    private static boolean isRedis(String url) {
        try {
            return REDIS_URL.matcher(url).matches() && URI.create(url).getPort() <= HIGHEST_PORT;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Quarkus' own default is not among what is read here. */
    private String port(String server, String usual) {
        String key = "quarkus." + server + ".port";
        String value = Objects.requireNonNullElse(config.getConfigValue(key).getValue(), usual);
        if (!PORT.matcher(value).matches() || Integer.parseInt(value) > HIGHEST_PORT) {
            problems.add(key + ": \"" + value + "\" is not a valid value: from 0 to 65535 is allowed");
            return server;
        }
        String host = config.getOptionalValue("quarkus." + server + ".host", String.class).orElse("0.0.0.0");
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, Integer.parseInt(value)));
        } catch (IOException e) {
            problems.add(key + ": port " + value + " of " + host + " cannot be had: another process may have it");
        }
        return value.equals("0") ? server : value;
    }

    private void engine(EngineConfig engine) {
        within("ancillary.partitions", engine.partitions(), 1, MOST_PARTITIONS);
        atLeast("ancillary.retention", engine.retention(), Duration.ofSeconds(1));
        atLeast("ancillary.processing.lease", engine.processing().lease(), SHORTEST_LEASE);
        atLeast("ancillary.processing.drain-timeout", engine.processing().drainTimeout(), Duration.ofMillis(1));
        within("ancillary.processing.concurrency", engine.processing().concurrency(), 1, 100_000);
        within("ancillary.journal.capacity", engine.journal().capacity(), 1, 10_000_000);
        within("ancillary.waiting.capacity", engine.waiting().capacity(), 1, Integer.MAX_VALUE);
        within("ancillary.dead.capacity", engine.dead().capacity(), 1, Integer.MAX_VALUE);
        atLeast("ancillary.dead.retention", engine.dead().retention(), Duration.ofSeconds(1));
        within("ancillary.open.capacity", engine.open().capacity(), 1, Integer.MAX_VALUE);
    }

    private void packets(PacketsConfig packets) {
        within("ancillary.packets.first-index", packets.firstIndex(), 0, 1);
        within("ancillary.packets.max-packets", packets.maxPackets(), 1, MOST_PACKETS);
        within("ancillary.packets.max-payload", packets.maxPayload(), 1, MOST_PAYLOAD);
        atLeast("ancillary.packets.gap-timeout", packets.gapTimeout(), Duration.ofMillis(1));
        atLeast("ancillary.packets.deadline", packets.deadline(), Duration.ofMillis(1));
        atLeast("ancillary.packets.completion-timeout", packets.completionTimeout(), Duration.ofMillis(1));
        check(packets.maxOutput().asLongValue() >= 1, "ancillary.packets.max-output: at least 1 is allowed");
        service("ancillary.packets.service", packets.service());
    }

    private void sessions(SessionsConfig sessions) {
        atLeast("ancillary.sessions.decision-timeout", sessions.decisionTimeout(), Duration.ofMillis(1));
        service("ancillary.sessions.service", sessions.service());
        sessions.aclFile().ifPresent(file -> {
            try {
                AccessListFile.read(file);
            } catch (IllegalArgumentException e) {
                problems.add("ancillary.sessions.acl-file: " + file + ": " + e.getMessage());
            }
        });
    }

    private void service(String prefix, ServiceConfig service) {
        notBlank(prefix + ".url", "set a URL, or leave the variable out");
        service.url().ifPresent(url -> check(isWeb(url) && url.getRawUserInfo() == null,
                prefix + ".url is not an http or https URL with a host and without credentials"));
        secret(prefix + ".authorization", service.authorization(), service.authorizationFile());
        service.authorization().filter(value -> !value.isBlank()).ifPresent(value -> check(isHeaderValue(value),
                prefix + ".authorization is not the value of a header"));
        service.authorizationFile().filter(ValueRules::hasText).ifPresent(file -> check(isHeaderValue(text(file)),
                prefix + ".authorization-file: " + file + " is not the value of a header"));
        atLeast(prefix + ".timeout", service.timeout(), Duration.ofMillis(1));
        within(prefix + ".attempts", service.attempts(), 1, 1_000_000);
        atLeast(prefix + ".retry-delay", service.retryDelay(), Duration.ofMillis(1));
        atLeast(prefix + ".retry-max-delay", service.retryMaxDelay(), service.retryDelay());
        check(service.breakerRatio() > 0 && service.breakerRatio() <= 1,
                prefix + ".breaker-ratio: " + service.breakerRatio() + " is not a valid value: above 0 to 1 is allowed");
        within(prefix + ".breaker-volume", service.breakerVolume(), 1, 100_000);
        atLeast(prefix + ".breaker-delay", service.breakerDelay(), Duration.ofMillis(1));
    }

    private void completion(CompletionConfig completion) {
        notBlank("ancillary.public-url", "set a URL, or leave the variable out");
        completion.publicUrl().ifPresent(url -> check(isWeb(url) && url.getQuery() == null && url.getFragment() == null,
                "ancillary.public-url is not an http or https URL with a host, and nothing behind its path"));
    }

    private void delivery(DeliveryConfig delivery, WebhookConfig webhook) {
        atLeast("ancillary.delivery.timeout", delivery.timeout(), Duration.ofMillis(1));
        within("ancillary.delivery.concurrency", delivery.concurrency(), 1, 100_000);
        within("ancillary.delivery.endpoint-concurrency", delivery.endpointConcurrency(), 1, 100_000);
        within("ancillary.delivery.capacity", delivery.capacity(), 1, Integer.MAX_VALUE);
        check(delivery.maxBody().asLongValue() >= 1, "ancillary.delivery.max-body: at least 1 is allowed");
        check(!delivery.retrySchedule().isEmpty(), "ancillary.delivery.retry-schedule: at least one wait is needed");
        delivery.retrySchedule().forEach(wait -> atLeast("ancillary.delivery.retry-schedule", wait, Duration.ZERO));
        signing(webhook);
        notBlank("ancillary.webhook.url", "set a URL, or leave the variable out");
        webhook.url().ifPresent(url -> check(isWeb(url) && url.getRawUserInfo() == null,
                "ancillary.webhook.url is not an http or https URL with a host and without credentials"));
    }

    private void signing(WebhookConfig webhook) {
        String key = "ancillary.webhook.signing-secrets";
        notBlank(key, "set a key, or leave the variable out");
        check(webhook.signingSecrets().isEmpty() || webhook.signingSecretsFile().isEmpty(),
                key + " and " + key + "-file are both set: set one");
        webhook.signingSecretsFile().ifPresent(
                path -> check(hasText(path), key + "-file: " + path + " cannot be read, or is empty"));
        try {
            if (webhook.signingSecretsFile().map(ValueRules::hasText).orElse(true)) {
                Signatures.of(webhook);
            }
        } catch (IllegalArgumentException e) {
            problems.add(key + ": " + e.getMessage());
        }
    }

    private void inbound(InboundConfig inbound) {
        atLeast("ancillary.http.headers-timeout", inbound.headersTimeout(), Duration.ofMillis(1));
        atLeast("ancillary.http.body-timeout", inbound.bodyTimeout(), Duration.ofMillis(1));
        inbound.unfinishedBodies().ifPresent(most -> check(most.asLongValue() >= LARGEST_BODY,
                "ancillary.http.unfinished-bodies: at least 1M is allowed, which one body may have"));
    }

    private void callbacks(CallbacksConfig callbacks) {
        callbacks.allowedHosts().ifPresent(all -> each("ancillary.callbacks.allowed-hosts", all, AllowedHost::parse));
        callbacks.allowedNetworks().ifPresent(all -> each("ancillary.callbacks.allowed-networks", all, Network::parse));
        callbacks.deniedNetworks().ifPresent(all -> each("ancillary.callbacks.denied-networks", all, Network::parse));
        callbacks.allowedPorts().ifPresent(
                all -> all.forEach(port -> within("ancillary.callbacks.allowed-ports", port, 1, HIGHEST_PORT)));
    }

    /** What cannot be read says so itself. */
    private void each(String key, List<String> values, Consumer<String> reader) {
        for (String value : values) {
            try {
                reader.accept(value);
            } catch (IllegalArgumentException e) {
                problems.add(key + ": " + e.getMessage());
            }
        }
    }

    private static boolean isWeb(URI url) {
        return url.getHost() != null && url.getPort() <= HIGHEST_PORT
                && ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()));
    }

    private void secret(String key, Optional<String> token, Optional<Path> file) {
        check(token.isEmpty() || file.isEmpty(), key + " and " + key + "-file are both set: set one");
        notBlank(key, "set a value, or leave the variable out");
        file.ifPresent(path -> check(hasText(path), key + "-file: " + path + " cannot be read, or is empty"));
    }

    /** Empty is not the same as not set: what came out empty by mistake must not pass for a choice. */
    private void notBlank(String key, String remedy) {
        String raw = config.getConfigValue(key).getRawValue();
        check(raw == null || !raw.isBlank(), key + " is empty: " + remedy);
    }

    private static boolean isHeaderValue(String text) {
        return HEADER_VALUE.matcher(text).matches();
    }

    private static boolean hasText(Path file) {
        return !text(file).isEmpty();
    }

    /** What a file says; nothing when it cannot be read. */
    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private void within(String key, int value, int lowest, int highest) {
        check(value >= lowest && value <= highest,
                key + ": " + value + " is not a valid value: from " + lowest + " to " + highest + " is allowed");
    }

    private void atLeast(String key, Duration value, Duration shortest) {
        check(value.compareTo(LONGEST) <= 0, key + ": at most " + LONGEST.toDays() + "d is allowed");
        check(value.compareTo(shortest) >= 0,
                key + ": " + value.toMillis() + "ms is not a valid value: at least " + shortest.toMillis() + "ms is allowed");
    }

    private void check(boolean right, String problem) {
        if (!right) {
            problems.add(problem);
        }
    }
}
