package io.ancillary.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

import io.ancillary.testsupport.JarProcess;
import io.ancillary.testsupport.LightReceiver;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;

/**
 * A service of its own to be measured: the packaged one, in a process of its own, with its Redis, the receiver of its
 * webhooks and what loads it.
 */
final class Rig implements AutoCloseable {
    /** What is measured is not how well a heap of a machine's own choosing suits it. */
    private static final String HEAP = "-Xmx1g";
    private static final int FIRST_PACKETS = 10_000;
    private static final int FIRST_TIMES = 5;
    private static final Duration UNTIL_QUIET = Duration.ofSeconds(2);

    private final Redis redis;
    private final LightReceiver receiver;
    private final JarProcess service;
    private final Load load;
    private final Meter meter;
    private final Optional<SilentProcessor> processor;
    private volatile Receipts expected = Receipts.none();

    private Rig(Settings settings, Optional<SilentProcessor> processor, Map<String, String> environment) {
        this.processor = processor;
        this.redis = settings.redis().map(Redis::given).orElseGet(Redis::start);
        this.receiver = LightReceiver.start(webhook -> expected.take(webhook));
        Map<String, String> all = new HashMap<>(environment);
        all.put("QUARKUS_REDIS_HOSTS", redis.url());
        all.put("ANCILLARY_WEBHOOK_URL", receiver.url());
        all.put("ANCILLARY_CALLBACKS_ALLOWED_NETWORKS", "127.0.0.0/8");
        all.put("ANCILLARY_SESSIONS_ACL_FILE", Sessions.accessList().toString());
        this.service = JarProcess.start(all, HEAP);
        this.load = new Load(service.port());
        this.meter = new Meter(service, redis, load);
    }

    /** One with room: while a JVM is cold what is accepted goes before what comes of it, and none of it is to be refused. */
    static Rig start(Settings settings) throws InterruptedException {
        return new Rig(settings, Optional.empty(),
                Map.of("ANCILLARY_OPEN_CAPACITY", "2000000", "ANCILLARY_JOURNAL_CAPACITY", "100000"))
                .awaitReady(jobs -> jobs.wholeJob(FIRST_PACKETS, 10));
    }

    /**
     * One that accepts and goes no further: its processor is a remote service that takes the first packet and never
     * answers, and one packet is all that is processed at a time. The others wait, in Redis and in the service's memory.
     */
    static Rig withheld(Settings settings) throws InterruptedException {
        SilentProcessor processor = new SilentProcessor();
        return new Rig(settings, Optional.of(processor), Map.of(
                "ANCILLARY_PACKETS_SERVICE_URL", processor.url(),
                "ANCILLARY_PACKETS_SERVICE_TIMEOUT", "1h",
                "ANCILLARY_PROCESSING_CONCURRENCY", "1",
                "ANCILLARY_JOURNAL_CAPACITY", "10000000")).awaitReady(jobs -> jobs.intake(FIRST_PACKETS));
    }

    /** Ready is who no longer refuses a full load for being late with it, as a cold JVM is. */
    private Rig awaitReady(Function<Jobs, Work> first) throws InterruptedException {
        try {
            service.awaitReady();
            for (int n = 0; n < FIRST_TIMES; n++) {
                first.apply(Jobs.gentle(this)).run();
            }
            return this;
        } catch (RuntimeException | AssertionError | InterruptedException e) {
            close();
            throw e;
        }
    }

    /** From now on these are the webhooks that must come; fails when one came too many since the last were expected. */
    Receipts expect(Receipts receipts) {
        Receipts before = expected;
        expected = receipts;
        before.checkWhatCame();
        return receipts;
    }

    /** Nothing more is measured here: what was sent again, or of what is open, has had the time to come. */
    void awaitQuiet() throws InterruptedException {
        Thread.sleep(UNTIL_QUIET.toMillis());
        expect(Receipts.none());
    }

    Redis redis() {
        return redis;
    }

    String receiverUrl() {
        return receiver.url();
    }

    /** What its JVM settled for, as {@code -Xmx} and the collector, which nobody chose. */
    Map<String, Object> jvm() {
        String flags = Jcmd.call(service.pid(), "VM.flags");
        return Map.of("maxHeapBytes", Long.valueOf(found(flags, "-XX:MaxHeapSize=(\\d+)")), "collector",
                found(flags, "-XX:\\+Use(\\w+)GC"));
    }

    private static String found(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(it -> it.group(1)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + pattern + " in " + text));
    }

    long servicePid() {
        return service.pid();
    }

    Load load() {
        return load;
    }

    Meter meter() {
        return meter;
    }

    @Override
    public void close() {
        load.close();
        service.close();
        receiver.close();
        redis.close();
        processor.ifPresent(SilentProcessor::close);
    }

    /** Takes connections and says nothing. */
    private static final class SilentProcessor {
        private final Vertx vertx = Vertx.vertx();
        private final NetServer server = vertx.createNetServer().connectHandler(socket -> socket.handler(data -> {
        })).listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();

        String url() {
            return "http://127.0.0.1:" + server.actualPort() + "/";
        }

        void close() {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
