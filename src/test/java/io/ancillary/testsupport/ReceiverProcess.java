package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A receiver of the README as a process of its own. */
public final class ReceiverProcess {
    public static final int CUT_OFF = 0;

    private final ExampleLanguage language;
    private final Process process;
    private final int port;
    private final Path output;
    private final Path errors;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ReceiverProcess(ExampleLanguage language, Path directory, String secret) throws IOException {
        this.language = language;
        this.port = freePort();
        this.output = directory.resolve(language + ".out");
        this.errors = directory.resolve(language + ".err");
        ProcessBuilder builder = language.receiver(directory);
        builder.environment().putAll(Map.of("PORT", String.valueOf(port), "WEBHOOK_SECRET", secret));
        this.process = builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    }

    public static ReceiverProcess start(ExampleLanguage language, Path directory, String secret) throws IOException {
        return new ReceiverProcess(language, directory, secret);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public ReceiverProcess awaitListening() {
        // One that has ended, as when it does not compile, need not be waited for.
        await().atMost(ExampleLanguage.UNTIL_STARTED).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50))
                .until(() -> !process.isAlive() || listens());
        assertThat(process.isAlive()).as(() -> "alive, having said " + said(errors)).isTrue();
        return this;
    }

    private boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The status that it answers. */
    public int post(Map<String, String> headers, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hook"))
                .timeout(Duration.ofSeconds(10)).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    /** A receiver that does not read all may have closed before its answer is read. */
    public int postOrBeCutOff(Map<String, String> headers, String body) throws InterruptedException {
        try {
            return post(headers, body);
        } catch (IOException cutOff) {
            return CUT_OFF;
        }
    }

    public void hangUpAfter(String bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(bytes.getBytes(UTF_8));
        }
    }

    /** How often it says to have handled that outcome. */
    public long handled(String id) {
        return said(output).lines().filter(language.handled(id)::equals).count();
    }

    private static String said(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void stop() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
