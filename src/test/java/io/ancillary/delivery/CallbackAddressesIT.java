package io.ancillary.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.ancillary.testsupport.Api;
import io.ancillary.testsupport.Behaviour;
import io.ancillary.testsupport.DnsServer;
import io.ancillary.testsupport.Hit;
import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.Receiver;
import io.ancillary.testsupport.RedisProcess;
import io.ancillary.testsupport.TestAuthority;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;

/**
 * Where the packaged service really connects to, when clients say where. 127.0.0.1 and 127.0.0.3 stand for what is public,
 * 127.0.0.2 and ::1 for what is not: those count whoever comes, and nobody may. Names are a real name server's to say, which
 * says something else the next time.
 */
class CallbackAddressesIT {
    private static final String PRIVATE = "127.0.0.2";
    private static final String PUBLIC = "127.0.0.1";
    private static final String ALSO_PUBLIC = "127.0.0.3";
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int MANY = 20;

    private static DnsServer dns;
    private static RedisProcess redis;
    private static TestAuthority authority;
    private static JarProcess service;

    private Receiver open;
    private Receiver alsoOpen;
    private Receiver secret;
    private Receiver secretV6;

    @BeforeAll
    static void start() {
        dns = DnsServer.start();
        redis = RedisProcess.start();
        authority = TestAuthority.create();
        service = JarProcess.start(Map.of("QUARKUS_REDIS_HOSTS", redis.url(),
                "QUARKUS_VERTX_RESOLVER_SERVERS", dns.address(),
                "ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", PUBLIC + "/32," + ALSO_PUBLIC + "/32",
                "ANCILLARY_DELIVERY_RETRY_SCHEDULE", "0s,1ms,1ms", "ANCILLARY_OPERATOR_TOKEN", Api.OPERATOR_TOKEN,
                "QUARKUS_TLS_WEBHOOK_TRUST_STORE_PEM_CERTS", authority.pem().toString())).awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
        redis.close();
        dns.close();
    }

    @BeforeEach
    void open() {
        open(Receiver.start(Behaviour.ok()));
    }

    private void open(Receiver receiver) {
        open = receiver;
        int port = receiver.uri().getPort();
        alsoOpen = Receiver.start(ALSO_PUBLIC, port, Behaviour.ok());
        secret = Receiver.start(PRIVATE, port, Behaviour.ok());
        secretV6 = Receiver.start("::1", port, Behaviour.ok());
    }

    @AfterEach
    void nobodyCame() {
        assertThat(secret.connections()).as("connections to what is private").isZero();
        assertThat(secretV6.connections()).as("connections to what is private").isZero();
        List.of(open, alsoOpen, secret, secretV6).forEach(Receiver::close);
    }

    private String url(String host) {
        return "http://" + host + ":" + open.uri().getPort() + "/hook";
    }

    private static long send(String url) {
        long id = Api.newId();
        Response answer = given().port(service.port()).contentType("application/json").body(Map.of("resource_id", id,
                "payload", "a", "packet_index", 1, "last_chunk_flag", true, "callback_url", url)).post(Api.PACKETS);
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(202);
        return id;
    }

    /** Its delivery, once that has ended. */
    private static JsonPath ended(long id) {
        String delivery = await().atMost(PATIENCE).pollInterval(POLL).until(() -> resource(id).getString("delivery.id"),
                it -> it != null);
        return await().atMost(PATIENCE).pollInterval(POLL).until(() -> given().port(service.port())
                .header("Authorization", "Bearer " + Api.OPERATOR_TOKEN).get("/api/v1/deliveries/" + delivery).jsonPath(),
                it -> !"pending".equals(it.getString("status")));
    }

    private static JsonPath resource(long id) {
        return given().port(service.port()).get(Api.RESOURCES + "/" + id).jsonPath();
    }

    private static void assertRefused(JsonPath delivery, int attempts) {
        assertThat(delivery.getString("status")).as(delivery.prettify()).isEqualTo("dead");
        assertThat(delivery.getString("last_error")).isEqualTo("the callback's address is not allowed");
        assertThat(delivery.getInt("attempts")).isEqualTo(attempts);
    }

    private static String address(JsonPath delivery) {
        String address = delivery.getString("log[0].address");
        return address.substring(0, address.lastIndexOf(':'));
    }

    @Test
    void isNotDialled_butRecorded_andNotTriedAgain() {
        dns.name("private.test", PRIVATE, "::1");

        assertRefused(ended(send(url("private.test"))), 1);
    }

    @Test
    void isDialledWhereItWasChecked_howeverOftenTheAnswerChanges() {
        dns.name("turns.test", time -> List.of(time % 2 == 0 ? PUBLIC : PRIVATE));

        List<Long> sent = IntStream.range(0, MANY).mapToObj(i -> send(url("turns.test"))).toList();

        List<JsonPath> ended = sent.stream().map(CallbackAddressesIT::ended).toList();
        assertThat(ended).allMatch(it -> it.getString("status").equals("delivered") ? address(it).equals(PUBLIC)
                : it.getString("last_error").equals("the callback's address is not allowed"));
        assertThat(ended).extracting(it -> it.getString("status")).contains("delivered", "dead");
        assertThat(open.hits()).hasSize((int) ended.stream().filter(it -> it.getString("status").equals("delivered")).count());
        // Those that ask at the same time share an answer.
        assertThat(dns.asked("turns.test")).as("not kept for longer than was said").isGreaterThan(MANY / 2);
    }

    @Test
    void isRefused_whenTheNameTurnsBetweenTwoAttempts() {
        Receiver failing = Receiver.start(ALSO_PUBLIC, Receiver.start(Behaviour.ok()).uri().getPort(), Behaviour.status(500));
        dns.name("rebinding.test", time -> List.of(time == 0 ? ALSO_PUBLIC : PRIVATE));

        JsonPath delivery = ended(send("http://rebinding.test:" + failing.uri().getPort() + "/"));

        assertRefused(delivery, 2);
        assertThat(failing.hits()).hasSize(1);
        failing.close();
    }

    @Test
    void isDialledAtAnAllowedAddress_whenTheNameHasOthersToo() {
        dns.name("mixed.test", PRIVATE, PUBLIC, "::1");

        List<Long> sent = IntStream.range(0, MANY).mapToObj(i -> send(url("mixed.test"))).toList();

        assertThat(sent.stream().map(CallbackAddressesIT::ended)).allMatch(it -> it.getString("status").equals("delivered")
                && address(it).equals(PUBLIC));
    }

    @Test
    void doesNotFollowRedirects() {
        nobodyCame();
        open(Receiver.start((hit, peer) -> Behaviour.status(302,
                Map.of("Location", "http://" + PRIVATE + ":" + hit.headers().get("host").split(":")[1] + "/"), new byte[0])
                .answer(hit, peer)));
        dns.name("redirects.test", PUBLIC);

        assertThat(ended(send(url("redirects.test"))).getString("last_error")).isEqualTo("the webhook answered 302");
    }

    @Test
    void poolsConnectionsByNameAndAddress() {
        dns.name("one.test", PUBLIC);
        dns.name("two.test", PUBLIC);
        dns.name("moves.test", time -> List.of(time == 0 ? PUBLIC : ALSO_PUBLIC));
        dns.name("hides.test", time -> List.of(time == 0 ? PUBLIC : PRIVATE));

        // Within the seconds for which a connection is kept.
        for (String name : List.of("one.test", "one.test", "two.test", "moves.test", "moves.test", "hides.test")) {
            assertThat(ended(send(url(name))).getString("status")).isEqualTo("delivered");
        }
        assertRefused(ended(send(url("hides.test"))), 1);

        assertThat(open.connections()).as("one a name").isEqualTo(4);
        assertThat(open.hits()).extracting(CallbackAddressesIT::host)
                .containsExactly("one.test", "one.test", "two.test", "moves.test", "hides.test");
        assertThat(alsoOpen.hits()).extracting(CallbackAddressesIT::host).containsExactly("moves.test");
    }

    private static String host(Hit hit) {
        String host = hit.headers().get("host");
        return host.substring(0, host.lastIndexOf(':'));
    }

    @Test
    void asksForTheName_andTrustsNoOther_whicheverAddressIsDialled() {
        dns.name("hooks.test", PUBLIC);
        dns.name("impostor.test", PUBLIC);
        try (Receiver secure = Receiver.tls(authority, Behaviour.ok())) {
            int port = secure.uri().getPort();

            assertThat(ended(send("https://hooks.test:" + port + "/")).getString("status")).isEqualTo("delivered");
            JsonPath impostor = ended(send("https://impostor.test:" + port + "/"));

            assertThat(impostor.getString("status")).isEqualTo("dead");
            assertThat(impostor.getString("last_error")).contains("impostor.test");
            assertThat(secure.hits()).extracting(hit -> hit.headers().get("host")).containsExactly("hooks.test:" + port);
            assertThat(secure.names()).containsExactly("hooks.test", "impostor.test", "impostor.test", "impostor.test");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "2130706434", "0x7f000002", "017700000002", "127.2", "127.0.2", "0177.0.0.2", "0x7f.0.0.2",
            "127.0.0.2.", "127.0.0.002", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::127.0.0.2]", "[::1]", "[0:0:0:0:0:0:0:1]",
            "[64:ff9b::7f00:2]", "[2002:7f00:2::1]", "[2001:0:7f00:2::1]", "[::1%25lo]", "localhost", "127.0.0.2%2e",
            "\uff11\uff12\uff17.0.0.2", "127\u30020\u30020\u30022" })
    void refusesAtOnce_whatIsPrivateInAnySpelling(String host) {
        Response answer = given().port(service.port()).contentType("application/json; charset=UTF-8")
                .body(Map.of("resource_id", Api.newId(), "payload", "a", "packet_index", 1, "callback_url", url(host)))
                .post(Api.PACKETS);

        Api.assertProblem(answer, 400, "invalid_request", "callback_url");
    }
}
