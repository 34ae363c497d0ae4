package io.ancillary.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.RawConnection;
import io.ancillary.testsupport.RedisProcess;

/** The packaged service with a journal for one packet, of which nothing comes: others are turned away unread. */
class NoRoomIT {
    private static final Duration SOON = Duration.ofSeconds(2);

    private static String request(String resource) {
        String body = "{\"resource_id\":\"" + resource + "\",\"payload\":\"Bat Ball\",\"packet_index\":1}";
        return "POST " + Api.PACKETS + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void turnsAwayWhatHasNotComeWhole_whenThereIsNoRoom() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                RedisProcess redis = RedisProcess.start();
                JarProcess service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(), "ANCILLARY_WEBHOOK_URL",
                        "http://127.0.0.1:1/", "ANCILLARY_JOURNAL_CAPACITY", "1", "ANCILLARY_PACKETS_SERVICE_URL",
                        "http://127.0.0.1:" + silent.getLocalPort() + "/", "ANCILLARY_PUBLIC_URL", "http://127.0.0.1:1/",
                        "ANCILLARY_WARM_UP", "false")).awaitReady();
                RawConnection connection = RawConnection.open(service.port())) {
            connection.write(request("first"));
            assertThat(connection.read(SOON)).hasValueSatisfying(it -> assertThat(it.status()).isEqualTo(202));

            String second = request("second");
            connection.write(second.substring(0, second.length() - 1));

            assertThat(connection.read(SOON)).hasValueSatisfying(it -> {
                assertThat(it.status()).isEqualTo(503);
                assertThat(it.body()).contains("\"code\":\"over_capacity\"");
                assertThat(Integer.parseInt(it.header("retry-after"))).isPositive();
            });
        }
    }
}
