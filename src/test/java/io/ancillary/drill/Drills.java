package io.ancillary.drill;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.awaitility.core.ConditionTimeoutException;

import io.ancillary.testsupport.JarProcess;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;

/** What drills have in common: replicas and what is done to them, packets on their way, and time that passes. */
final class Drills {

    /** A client waits for as long as it likes. */
    static final Duration PATIENT = Duration.ZERO;

    private static final Duration STARTS_WITHIN = Duration.ofSeconds(90);

    private Drills() {
    }

    static HttpServer listen(Vertx vertx, Handler<HttpServerRequest> handler) {
        return done(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"));
    }

    static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.actualPort() + "/";
    }

    /** Starts a replica; that it is ready is the drill's to wait for. */
    static JarProcess replica(String redis, String webhook, Map<String, String> besides, String... jvmOptions) {
        Map<String, String> environment = new HashMap<>(besides);
        environment.put("QUARKUS_REDIS_HOSTS", redis);
        environment.put("ANCILLARY_WEBHOOK_URL", webhook);
        return JarProcess.start(environment, jvmOptions);
    }

    /** Ready, or dead; on a busy machine a JVM takes its time to start. */
    static JarProcess awaitStarted(JarProcess replica) {
        await().atMost(STARTS_WITHIN).pollInterval(Duration.ofMillis(50)).until(() -> replica.isReady() || !replica.isAlive());
        return replica;
    }

    /** What a replica says went wrong in itself. */
    static List<String> errors(JarProcess replica) {
        return replica.output().lines().filter(line -> line.contains("ERROR") || line.contains("OutOfMemory")).toList();
    }

    /** What is missing when the time is over is for the drill's judgement to say. */
    static void awaitOrCarryOn(Duration atMost, Callable<Boolean> condition) {
        try {
            await().atMost(atMost).pollInterval(Duration.ofMillis(50)).until(condition);
        } catch (ConditionTimeoutException e) {
            // Said by who looks at what there is.
        }
    }

    /** As {@code kill -STOP} does. */
    static void signal(JarProcess process, String signal) {
        try {
            new ProcessBuilder("kill", signal, String.valueOf(process.pid())).start().waitFor(5, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Memory of a process that is in RAM. */
    static double residentMegabytes(long pid) {
        try (Stream<String> status = Files.lines(Path.of("/proc", String.valueOf(pid), "status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Future<HttpClientResponse> post(HttpClient client, int port, String path, String json, Duration timeout) {
        RequestOptions to = new RequestOptions().setMethod(HttpMethod.POST).setHost("127.0.0.1").setPort(port).setURI(path)
                .putHeader("Content-Type", "application/json").setTimeout(timeout.toMillis());
        return client.request(to).compose(request -> request.send(Buffer.buffer(json)));
    }

    /** Sends what waits to be sent again, at most so much of it; gives how much that was. */
    static <T> int sendAgain(Queue<T> again, int most, Consumer<T> send) {
        int done = 0;
        for (T next = done < most ? again.poll() : null; next != null; next = done < most ? again.poll() : null) {
            send.accept(next);
            done++;
        }
        return done;
    }

    static void pass(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static <T> T done(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
