package io.ancillary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.StartAttempt;

/** The packaged service says in a line or two what is wrong with its configuration, and ends. */
class StartupIT {

    private static final Map<String, String> GOOD = Map.of("QUARKUS_REDIS_HOSTS", "redis://localhost:1",
            "QUARKUS_HTTP_PORT", "0", "QUARKUS_MANAGEMENT_PORT", "0");
    private static final String SECRET = "s3cret";

    @Test
    void refuses_whenItIsNotToldWhereRedisIs() {
        StartAttempt attempt = StartAttempt.with(Map.of("QUARKUS_HTTP_PORT", "0", "QUARKUS_MANAGEMENT_PORT", "0"));

        assertRefused(attempt);
        assertThat(attempt.err()).startsWith("QUARKUS_REDIS_HOSTS is missing").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
            "ANCILLARY_PARTITIONS, abc, ancillary.partitions",
            "ANCILLARY_RETENTION, nonsense, ancillary.retention",
            "ANCILLARY_WEBHOOK_URL, ftp://x, ancillary.webhook.url",
            "ANCILLARY_OPERATOR_TOKEN, '', ancillary.operator-token",
            "ANCILLARY_OPERATOR_TOKEN_FILE, /no/such/file, ancillary.operator-token-file",
            "QUARKUS_HTTP_PORT, abc, quarkus.http.port",
            "QUARKUS_REDIS_HOSTS, localhost, QUARKUS_REDIS_HOSTS",
            "ANCILLARY_WEBHOKK_URL, http://localhost/, ANCILLARY_WEBHOOK_URL",
    })
    void refuses_whenAVariableIsWrong(String name, String value, String said) {
        StartAttempt attempt = StartAttempt.with(and(name, value));

        assertRefused(attempt);
        assertThat(attempt.err()).contains(said).hasLineCount(1);
    }

    @Test
    void saysTwoLinesAtMost_whenAllIsWrong() {
        StartAttempt attempt = StartAttempt.with(Map.of("QUARKUS_REDIS_HOSTS", "nonsense", "QUARKUS_HTTP_PORT", "abc",
                "ANCILLARY_PARTITIONS", "0", "ANCILLARY_RETENTION", "-1s", "ANCILLARY_X", "y"));

        assertRefused(attempt);
        assertThat(attempt.err()).hasLineCount(2);
    }

    @Test
    void refuses_whenThePortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            StartAttempt attempt = StartAttempt.with(and("QUARKUS_HTTP_PORT", String.valueOf(taken.getLocalPort())));

            assertRefused(attempt);
            assertThat(attempt.err()).contains("quarkus.http.port", String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void refuses_whenAPropertyIsUnknown() {
        StartAttempt attempt = StartAttempt.with(GOOD, "-Dancillary.foo=1");

        assertRefused(attempt);
        assertThat(attempt.err()).contains("ancillary.foo").hasLineCount(1);
    }

    @Test
    void saysBothNumbers_whenRedisIsLaidOutForMorePartitionsAndOneHasWork() {
        try (RedisProcess redis = RedisProcess.start()) {
            redis.command("HSET", "anc:{0}:meta", "format", "1", "partitions", "8");
            redis.command("HSET", "anc:{5}:meta", "format", "1", "partitions", "8", "open:packets", "1");
            Map<String, String> environment = new HashMap<>(and("ANCILLARY_PARTITIONS", "2"));
            environment.put("QUARKUS_REDIS_HOSTS", redis.url());

            StartAttempt attempt = StartAttempt.with(environment);

            assertThat(attempt.exitCode()).isEqualTo(1);
            assertThat(attempt.err()).hasLineCount(1).contains("format 1 with 8 partitions", "format 1 with 2",
                    "partition 5 is not idle");
        }
    }

    @Test
    void keepsSecrets_whenItRefuses(@TempDir Path directory) throws IOException {
        Map<String, String> environment = new HashMap<>(and("ANCILLARY_OPERATOR_TOKEN", SECRET));
        environment.put("ANCILLARY_OPERATOR_TOKEN_FILE", Files.writeString(directory.resolve("token"), SECRET).toString());
        environment.put("QUARKUS_REDIS_HOSTS", "http://:" + SECRET + "@localhost");

        StartAttempt attempt = StartAttempt.with(environment);

        assertRefused(attempt);
    }

    private static Map<String, String> and(String name, String value) {
        Map<String, String> environment = new HashMap<>(GOOD);
        environment.put(name, value);
        return environment;
    }

    private static void assertRefused(StartAttempt attempt) {
        assertThat(attempt.exitCode()).isEqualTo(1);
        assertThat(attempt.out()).isEmpty();
        assertThat(attempt.err()).isNotBlank().doesNotContain(SECRET).doesNotContainPattern("Exception|SRCFG|\\tat ");
        assertThat(attempt.err().lines().count()).isBetween(1L, 2L);
    }
}
