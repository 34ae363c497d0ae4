package io.ancillary.testsupport;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

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
    private static final Buffer TAKEN = Buffer.buffer("HTTP/1.1 204 No Content\r\n\r\n");

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
        private final HttpText read = new HttpText();
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
            read.add(data).ifPresent(this::take);
        }

        private void take(String request) {
            taker.accept(new Webhook(firstByteNanos, path(request), HttpText.header(request, "webhook-id"),
                    HttpText.body(request)));
            socket.write(TAKEN);
        }

        private static String path(String request) {
            int begin = request.indexOf(' ') + 1;
            return request.substring(begin, request.indexOf(' ', begin));
        }
    }
}
