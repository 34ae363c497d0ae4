package io.ancillary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

class StartupCheckTest {

    private static final String SECRET = "s3cret";

    @TempDir
    Path directory;

    @Test
    void findsNothing_whenOnlyRedisIsGiven() {
        assertThat(problems(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
            "ANCILLARY_PARTITIONS, 0, ancillary.partitions: 0 is not a valid value: from 1 to 1024 is allowed",
            "ANCILLARY_PARTITIONS, 1025, ancillary.partitions: 1025 is not a valid value: from 1 to 1024 is allowed",
            "ANCILLARY_PARTITIONS, abc, 'ancillary.partitions: \"abc\" is not a valid value: Expected an integer value, got \"abc\"'",
            "ANCILLARY_RETENTION, nonsense, 'ancillary.retention: \"nonsense\" is not a valid value: Invalid duration: nonsense'",
            "ANCILLARY_RETENTION, 0s, ancillary.retention: 0ms is not a valid value: at least 1000ms is allowed",
            "ANCILLARY_PROCESSING_LEASE, 1ms, ancillary.processing.lease: 1ms is not a valid value: at least 1500ms is allowed",
            "ANCILLARY_PACKETS_FIRST_INDEX, 2, ancillary.packets.first-index: 2 is not a valid value: from 0 to 1 is allowed",
            "ANCILLARY_PACKETS_FIRST_INDEX, -1, ancillary.packets.first-index: -1 is not a valid value: from 0 to 1 is allowed",
            "ANCILLARY_DELIVERY_TIMEOUT, 0s, ancillary.delivery.timeout: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_DELIVERY_ENDPOINT_CONCURRENCY, 0, ancillary.delivery.endpoint-concurrency: 0 is not a valid value: from 1 to 100000 is allowed",
            "ANCILLARY_DELIVERY_CAPACITY, 0, ancillary.delivery.capacity: 0 is not a valid value: from 1 to 2147483647 is allowed",
            "ANCILLARY_DELIVERY_MAX_BODY, 0, ancillary.delivery.max-body: at least 1 is allowed",
            "ANCILLARY_DELIVERY_RETRY_SCHEDULE, '0s,soon', 'ancillary.delivery.retry-schedule: \"0s,soon\" is not a valid value: Invalid duration: soon'",
            "ANCILLARY_DELIVERY_RETRY_SCHEDULE, '0s,-1s', ancillary.delivery.retry-schedule: -1000ms is not a valid value: at least 0ms is allowed",
            "ANCILLARY_DEAD_CAPACITY, 0, ancillary.dead.capacity: 0 is not a valid value: from 1 to 2147483647 is allowed",
            "ANCILLARY_DEAD_RETENTION, 0s, ancillary.dead.retention: 0ms is not a valid value: at least 1000ms is allowed",
            "ANCILLARY_WEBHOOK_SIGNING_SECRETS, '', 'ancillary.webhook.signing-secrets is empty: set a key, or leave the variable out'",
            "ANCILLARY_WEBHOOK_SIGNING_SECRETS_FILE, /no/such, 'ancillary.webhook.signing-secrets-file: /no/such cannot be read, or is empty'",
            "ANCILLARY_WEBHOOK_URL, ftp://x, ancillary.webhook.url is not an http or https URL with a host and without credentials",
            "ANCILLARY_WEBHOOK_URL, /path, ancillary.webhook.url is not an http or https URL with a host and without credentials",
            "ANCILLARY_WEBHOOK_URL, http://me:secret@x, ancillary.webhook.url is not an http or https URL with a host and without credentials",
            "ANCILLARY_WEBHOOK_URL, not a url, ancillary.webhook.url is not a valid URL",
            "ANCILLARY_PACKETS_GAP_TIMEOUT, 0s, ancillary.packets.gap-timeout: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_PACKETS_DEADLINE, 0s, ancillary.packets.deadline: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_SESSIONS_DECISION_TIMEOUT, 0s, ancillary.sessions.decision-timeout: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_SESSIONS_ACL_FILE, /no/such, 'ancillary.sessions.acl-file: /no/such: it cannot be read as JSON'",
            "ANCILLARY_CALLBACKS_ALLOWED_NETWORKS, 10.0.0.0, 'ancillary.callbacks.allowed-networks: \"10.0.0.0\" is not a network such as 10.1.0.0/16 or 10.1.0.0/16:8443'",
            "ANCILLARY_CALLBACKS_ALLOWED_HOSTS, 'ok,a b', 'ancillary.callbacks.allowed-hosts: \"a b\" is not a name such as hooks.internal or hooks.internal:8443'",
            "ANCILLARY_CALLBACKS_ALLOWED_PORTS, '443,0', 'ancillary.callbacks.allowed-ports: 0 is not a valid value: from 1 to 65535 is allowed'",
            "ANCILLARY_HTTP_HEADERS_TIMEOUT, 0s, ancillary.http.headers-timeout: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_HTTP_BODY_TIMEOUT, 0s, ancillary.http.body-timeout: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_HTTP_UNFINISHED_BODIES, 10K, 'ancillary.http.unfinished-bodies: at least 1M is allowed, which one body may have'",
            "ANCILLARY_DELIVERY_RETRY_SCHEDULE, '', 'ancillary.delivery.retry-schedule is empty: set a value, or leave the variable out'",
            "ANCILLARY_RETENTION, '', 'ancillary.retention is empty: set a value, or leave the variable out'",
            "ANCILLARY_WEBHOOK_URL, '', 'ancillary.webhook.url is empty: set a URL, or leave the variable out'",
            "ANCILLARY_OPERATOR_TOKEN, '', 'ancillary.operator-token is empty: set a value, or leave the variable out'",
            "ANCILLARY_PRODUCER_TOKEN, ' ', 'ancillary.producer-token is empty: set a value, or leave the variable out'",
            "ANCILLARY_OPERATOR_TOKEN_FILE, /no/such, 'ancillary.operator-token-file: /no/such cannot be read, or is empty'",
            "ANCILLARY_WAITING_CAPACITY, 0, ancillary.waiting.capacity: 0 is not a valid value: from 1 to 2147483647 is allowed",
            "ANCILLARY_PACKETS_COMPLETION_TIMEOUT, 0s, ancillary.packets.completion-timeout: 0ms is not a valid value: at least 1ms is allowed",
            "ANCILLARY_PACKETS_MAX_OUTPUT, 0, ancillary.packets.max-output: at least 1 is allowed",
            "ANCILLARY_PUBLIC_URL, '', 'ancillary.public-url is empty: set a URL, or leave the variable out'",
            "ANCILLARY_PUBLIC_URL, not a url, ancillary.public-url is not a valid URL",
            "ANCILLARY_PUBLIC_URL, ws://x, 'ancillary.public-url is not an http or https URL with a host, and nothing behind its path'",
            "ANCILLARY_PUBLIC_URL, http://x/?a=b, 'ancillary.public-url is not an http or https URL with a host, and nothing behind its path'",
            "ANCILLARY_PUBLIC_URL, http://x/#a, 'ancillary.public-url is not an http or https URL with a host, and nothing behind its path'",
            "QUARKUS_HTTP_PORT, abc, 'quarkus.http.port: \"abc\" is not a valid value: from 0 to 65535 is allowed'",
            "QUARKUS_HTTP_PORT, 65536, 'quarkus.http.port: \"65536\" is not a valid value: from 0 to 65535 is allowed'",
            "QUARKUS_MANAGEMENT_PORT, -1, 'quarkus.management.port: \"-1\" is not a valid value: from 0 to 65535 is allowed'",
    })
    void saysWhatIsWrong_whenAValueIs(String variable, String value, String said) {
        assertThat(problems(Map.of(variable, value))).containsExactly(said);
    }

    @ParameterizedTest
    @ValueSource(strings = { "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "whsk_c2hvcnQ=",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw,hunter2" })
    void saysWhatAKeyIs_andNotTheKey_whenItIsNone(String keys) {
        assertThat(problems(Map.of("ANCILLARY_WEBHOOK_SIGNING_SECRETS", keys))).singleElement().asString()
                .startsWith("ancillary.webhook.signing-secrets: a key is whsec_ and the base64 of 24 to 64 bytes")
                .doesNotContain("hunter2", "c2hvcnQ");
    }

    @Test
    void findsNothing_whenKeysAreGivenAsTheyAre() throws IOException {
        String shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        String file = Files.writeString(directory.resolve("keys"), shared + "\n whsk_" + "A".repeat(43) + "=\n").toString();

        assertThat(problems(Map.of("ANCILLARY_WEBHOOK_SIGNING_SECRETS", shared + ", whsk_" + "A".repeat(43) + "="))).isEmpty();
        assertThat(problems(Map.of("ANCILLARY_WEBHOOK_SIGNING_SECRETS_FILE", file))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
            "URL, '', '.url is empty: set a URL, or leave the variable out'",
            "URL, ftp://x, .url is not an http or https URL with a host and without credentials",
            "URL, http://me:secret@x, .url is not an http or https URL with a host and without credentials",
            "URL, http:///path, .url is not an http or https URL with a host and without credentials",
            "URL, not a url, .url is not a valid URL",
            "AUTHORIZATION, ' ', '.authorization is empty: set a value, or leave the variable out'",
            "AUTHORIZATION_FILE, /no/such, '.authorization-file: /no/such cannot be read, or is empty'",
            "AUTHORIZATION, 'Bearer \u00e9', .authorization is not the value of a header",
            "TIMEOUT, 0s, .timeout: 0ms is not a valid value: at least 1ms is allowed",
            "TIMEOUT, soon, '.timeout: \"soon\" is not a valid value: Invalid duration: soon'",
            "ATTEMPTS, 0, .attempts: 0 is not a valid value: from 1 to 1000000 is allowed",
            "RETRY_DELAY, 0s, .retry-delay: 0ms is not a valid value: at least 1ms is allowed",
            "RETRY_MAX_DELAY, 199ms, .retry-max-delay: 199ms is not a valid value: at least 200ms is allowed",
            "BREAKER_RATIO, 0, .breaker-ratio: 0.0 is not a valid value: above 0 to 1 is allowed",
            "BREAKER_RATIO, 1.1, .breaker-ratio: 1.1 is not a valid value: above 0 to 1 is allowed",
            "BREAKER_RATIO, NaN, .breaker-ratio: NaN is not a valid value: above 0 to 1 is allowed",
            "BREAKER_VOLUME, 0, .breaker-volume: 0 is not a valid value: from 1 to 100000 is allowed",
            "BREAKER_DELAY, 0s, .breaker-delay: 0ms is not a valid value: at least 1ms is allowed",
    })
    void saysWhatIsWrong_whenAValueOfAServiceIs(String variable, String value, String said) {
        for (String flow : List.of("packets", "sessions")) {
            String name = "ANCILLARY_" + flow.toUpperCase(Locale.ROOT) + "_SERVICE_" + variable;

            assertThat(problems(Map.of(name, value))).containsExactly("ancillary." + flow + ".service" + said);
        }
    }

    @Test
    void saysWhichAreAllowed_whenItIsUnknownWhatBecomesOfAFailure() {
        assertThat(problems(Map.of("ANCILLARY_PACKETS_ON_FAILURE", "panic"))).singleElement().asString()
                .startsWith("ancillary.packets.on-failure: \"panic\" is not a valid value").contains("finish", "hold");
    }

    @Test
    void findsNothing_whenAServiceIsGivenAsOneIs() throws IOException {
        String file = Files.writeString(directory.resolve("authorization"), "Basic eDp5\n").toString();

        assertThat(problems(Map.of("ANCILLARY_PACKETS_SERVICE_URL", "https://service/path?x=1",
                "ANCILLARY_PACKETS_SERVICE_AUTHORIZATION_FILE", file, "ANCILLARY_PACKETS_ON_FAILURE", "hold",
                "ANCILLARY_SESSIONS_SERVICE_URL", "http://10.0.0.1:81", "ANCILLARY_SESSIONS_SERVICE_AUTHORIZATION", "Bearer x",
                "ANCILLARY_PUBLIC_URL", "https://ancillary/base/"))).isEmpty();
    }

    @Test
    void keepsSecrets_whenWhatIsInAnAuthorizationFileIsNone() throws IOException {
        String file = Files.writeString(directory.resolve("authorization"), SECRET + "\nX: y\n").toString();

        assertThat(problems(Map.of("ANCILLARY_SESSIONS_SERVICE_AUTHORIZATION_FILE", file)))
                .containsExactly("ancillary.sessions.service.authorization-file: " + file + " is not the value of a header");
    }

    @ParameterizedTest
    @ValueSource(strings = { SECRET + "\nX: y", " " + SECRET, SECRET + " " })
    void keepsSecrets_whenAnAuthorizationIsNone(String authorization) {
        assertThat(problems(Map.of("ANCILLARY_PACKETS_SERVICE_AUTHORIZATION", authorization)))
                .containsExactly("ancillary.packets.service.authorization is not the value of a header");
    }

    @ParameterizedTest
    @ValueSource(strings = { "localhost", "localhost:6379", "http://localhost", "redis://", "redis://:" + SECRET + "@",
            "redis://one:6379,two", "redis:/x" })
    void saysThatRedisMustBeAUrl_withoutRepeatingIt(String hosts) {
        assertThat(problems(Map.of("QUARKUS_REDIS_HOSTS", hosts))).containsExactly(
                "QUARKUS_REDIS_HOSTS is not a valid value: URLs are allowed, such as redis://localhost:6379");
    }

    @ParameterizedTest
    @ValueSource(strings = { "redis://localhost", "redis://localhost:6379/1", "rediss://user:p%40ss@my_redis:6380?x=1",
            "redis://:p@ss@host", "redis://[::1]:6379", "redis://one:1,redis://two:2", "unix:///run/redis.sock" })
    void findsNothing_whenRedisIsAUrl(String hosts) {
        assertThat(problems(Map.of("QUARKUS_REDIS_HOSTS", hosts))).isEmpty();
    }

    @Test
    void saysThatRedisIsMissing_whenItIsEmpty() {
        assertThat(problems(Map.of("QUARKUS_REDIS_HOSTS", ""))).singleElement().asString()
                .startsWith("QUARKUS_REDIS_HOSTS is missing");
    }

    @ParameterizedTest
    @CsvSource({
            "ANCILLARY_WEBHOKK_URL, ANCILLARY_WEBHOOK_URL",
            "ANCILLARY_PARTITION, ANCILLARY_PARTITIONS",
            "ANCILLARY_PACKETS_FIRSTINDEX, ANCILLARY_PACKETS_FIRST_INDEX",
            "ANCILLARY_OPERATOR_TOKENFILE, ANCILLARY_OPERATOR_TOKEN_FILE",
            "ANCILLARY_RETENTON, ANCILLARY_RETENTION",
    })
    void namesTheNearest_whenAVariableIsUnknown(String variable, String nearest) {
        assertThat(problems(Map.of(variable, SECRET))).first().isEqualTo(
                variable + " is not a variable of this service; the nearest is " + nearest);
    }

    @ParameterizedTest
    @ValueSource(strings = { "ANCILLARY_SERVICE_HOST", "ANCILLARY_SERVICE_PORT", "ANCILLARY_SERVICE_PORT_HTTP",
            "ANCILLARY_PORT", "ANCILLARY_PORT_8080_TCP", "ANCILLARY_PORT_8080_TCP_PROTO", "ANCILLARY_PORT_8080_TCP_PORT",
            "ANCILLARY_PORT_8080_TCP_ADDR" })
    void findsNothing_whenKubernetesSetsAVariable(String variable) {
        assertThat(problems(Map.of(variable, "tcp://10.0.0.1:8080"))).isEmpty();
    }

    @Test
    void findsNothing_whenAVariableIsOfAnother() {
        assertThat(problems(Map.of("ANCILLARYX", "1", "MY_ANCILLARY_FOO", "1"))).isEmpty();
    }

    @Test
    void knowsEveryVariableOfTheService() {
        assertThat(StartupCheck.knownVariables()).contains("ANCILLARY_WEBHOOK_URL", "ANCILLARY_PARTITIONS",
                "ANCILLARY_PROCESSING_LEASE", "ANCILLARY_PACKETS_MAX_PAYLOAD", "ANCILLARY_OPERATOR_TOKEN_FILE",
                "ANCILLARY_DELIVERY_TIMEOUT", "ANCILLARY_JOURNAL_CAPACITY", "ANCILLARY_OPEN_CAPACITY",
                "ANCILLARY_WAITING_CAPACITY", "ANCILLARY_PUBLIC_URL",
                "ANCILLARY_PACKETS_SERVICE_URL", "ANCILLARY_SESSIONS_SERVICE_AUTHORIZATION_FILE",
                "ANCILLARY_PACKETS_ON_FAILURE", "ANCILLARY_PACKETS_COMPLETION_TIMEOUT");
    }

    @Test
    void saysThatOneIsTooMany_whenATokenIsGivenTwice() throws IOException {
        String file = Files.writeString(directory.resolve("token"), SECRET).toString();

        assertThat(problems(Map.of("ANCILLARY_OPERATOR_TOKEN", SECRET, "ANCILLARY_OPERATOR_TOKEN_FILE", file)))
                .containsExactly("ancillary.operator-token and ancillary.operator-token-file are both set: set one");
    }

    @Test
    void saysThatAFileIsEmpty_whenATokenFileIs() throws IOException {
        String file = Files.writeString(directory.resolve("token"), " \n").toString();

        assertThat(problems(Map.of("ANCILLARY_PRODUCER_TOKEN_FILE", file))).singleElement().asString()
                .startsWith("ancillary.producer-token-file: ").endsWith(" cannot be read, or is empty");
    }

    @Test
    void saysThatAFileCannotBeRead_whenATokenFileIsADirectory() {
        assertThat(problems(Map.of("ANCILLARY_OPERATOR_TOKEN_FILE", directory.toString()))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = { "ftp://user:" + SECRET + "@host", "http://user:" + SECRET + "@ho st", "http://:" + SECRET + "@" })
    void keepsSecrets_whenAUrlIsWrong(String url) {
        assertThat(problems(Map.of("ANCILLARY_WEBHOOK_URL", url))).hasSize(1).noneMatch(line -> line.contains(SECRET));
    }

    @Test
    void saysEachProblemInALine_whenThereAreSeveral() {
        List<String> problems = problems(Map.of("ANCILLARY_PARTITIONS", "0", "ANCILLARY_RETENTION", "0s", "ANCILLARY_X", "1"));

        assertThat(problems).hasSize(3).noneMatch(line -> line.contains("\n"));
    }

    /** Of a process that has this environment beside a Redis and ports that are free. */
    private static List<String> problems(Map<String, String> variables) {
        Map<String, String> environment = new HashMap<>(Map.of("QUARKUS_REDIS_HOSTS", "redis://localhost",
                "QUARKUS_HTTP_PORT", "0", "QUARKUS_MANAGEMENT_PORT", "0"));
        environment.putAll(variables);
        SmallRyeConfigBuilder config = new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredConverters()
                .withSources(new EnvConfigSource(environment, 300));
        return new StartupCheck(config, environment).problems();
    }
}
