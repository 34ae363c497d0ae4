package io.ancillary.testsupport;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;

/**
 * A receiver of webhooks that takes many for little: whoever measures a service on the same machine must leave it some
 * of that. It reads just enough HTTP, answers 204 to each and keeps none.
 */
public final class LightReceiver implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final Pattern ID = Pattern.compile("(?i)\r\nwebhook-id: *([^\r]*)");
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Buffer TAKEN = Buffer.buffer("HTTP/1.1 204 No Content" + END_OF_HEAD);

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final AtomicInteger connections = new AtomicInteger();
    private final Consumer<Webhook> taker;
    private final NetServer server;

    /**
     * One request.
     *
     * @param firstByteNanos when it began to come, by {@link System#nanoTime}
     * @param path of its URL
     * @param id its {@code webhook-id}; the empty string when it has none
     */
    public record Webhook(long firstByteNanos, String path, String id, String body) {
    }

    private LightReceiver(Consumer<Webhook> taker) {
        this.taker = taker;
        NetServerOptions options = new NetServerOptions().setHost("127.0.0.1").setTcpNoDelay(true);
        this.server = vertx.createNetServer(options).connectHandler(socket -> new Connection(socket).open()).listen()
                .toCompletionStage().toCompletableFuture().join();
    }

    /** Takes whom to give each webhook before it is answered, all on one thread. */
    public static LightReceiver start(Consumer<Webhook> taker) {
        return new LightReceiver(taker);
    }

    public String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/";
    }

    /** How many connections are open. */
    public int connections() {
        return connections.get();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private final class Connection {
        private final NetSocket socket;
        private final StringBuilder read = new StringBuilder();
        private long firstByteNanos;

        Connection(NetSocket socket) {
            this.socket = socket;
        }

        void open() {
            connections.incrementAndGet();
            socket.handler(this::read).closeHandler(closed -> connections.decrementAndGet());
        }

        private void read(Buffer data) {
            if (read.isEmpty()) {
                firstByteNanos = System.nanoTime();
            }
            read.append(data.toString("ISO-8859-1"));
            int head = read.indexOf(END_OF_HEAD);
            int body = head + END_OF_HEAD.length();
            if (head >= 0 && read.length() >= body + length(head)) {
                taker.accept(new Webhook(firstByteNanos, path(), field(ID, head).orElse(""), read.substring(body)));
                read.setLength(0);
                socket.write(TAKEN);
            }
        }

        private int length(int head) {
            return field(LENGTH, head).map(Integer::parseInt).orElse(0);
        }

        private Optional<String> field(Pattern field, int head) {
            Matcher found = field.matcher(read).region(0, head);
            return found.find() ? Optional.of(found.group(1)) : Optional.empty();
        }

        private String path() {
            int begin = read.indexOf(" ") + 1;
            return read.substring(begin, read.indexOf(" ", begin));
        }
    }
}
