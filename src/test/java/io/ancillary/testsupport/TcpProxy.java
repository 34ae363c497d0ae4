package io.ancillary.testsupport;

import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/**
 * Stands between a client and a server on this machine, and lets the connections of the two suffer. For one that
 * speaks by request and reply, and at a rate at which no buffer fills up.
 */
public final class TcpProxy implements AutoCloseable {

    /** Where a connection ends. */
    public enum Cut {
        BEFORE_THE_REQUEST,
        BEFORE_THE_REPLY,
        WITHIN_THE_REPLY
    }

    /** One thread: what is said of a connection is never said of it twice at once. */
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient client = vertx.createNetClient();
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Cut> next = new AtomicReference<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final int target;
    private final Random random;
    private volatile boolean holding;
    private NetServer server;

    private TcpProxy(int target, long seed) {
        this.target = target;
        this.random = new Random(seed);
        this.server = listen(0);
    }

    /** To a port of this machine. */
    public static TcpProxy to(int target, long seed) {
        return new TcpProxy(target, seed);
    }

    public int port() {
        return server.actualPort();
    }

    /** The next request on any connection is that connection's last. */
    public void cutNext(Cut where) {
        next.set(where);
    }

    /** Whether that request has yet to come. */
    public boolean isToCut() {
        return next.get() != null;
    }

    /** How many connections were cut. */
    public int cuts() {
        return cuts.get();
    }

    /** How many connections were begun. */
    public int connections() {
        return connections.get();
    }

    /** Ends all connections and takes no new ones. */
    public void refuse() {
        done(server.close());
        pairs.forEach(Pair::close);
    }

    /** Takes connections again, at the same port. */
    public void accept() {
        server = listen(server.actualPort());
    }

    /** Lets nothing through any more, without a word. */
    public void hold() {
        holding = true;
        pairs.forEach(Pair::hold);
    }

    /** Lets through what was held back, too. */
    public void release() {
        holding = false;
        pairs.forEach(Pair::release);
    }

    @Override
    public void close() {
        done(vertx.close());
    }

    private NetServer listen(int port) {
        return done(vertx.createNetServer().connectHandler(this::connect).listen(port, "127.0.0.1"));
    }

    private void connect(NetSocket near) {
        connections.incrementAndGet();
        near.pause();
        client.connect(target, "127.0.0.1").onSuccess(far -> new Pair(near, far).open())
                .onFailure(refused -> near.close());
    }

    private static <T> T done(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    /** A connection to us and ours to the server. */
    private final class Pair {
        private final NetSocket near;
        private final NetSocket far;
        private @Nullable Cut doomed;

        Pair(NetSocket near, NetSocket far) {
            this.near = near;
            this.far = far;
        }

        void open() {
            pairs.add(this);
            near.handler(this::request).closeHandler(closed -> close()).exceptionHandler(broken -> close());
            far.handler(this::reply).closeHandler(closed -> close()).exceptionHandler(broken -> close());
            if (holding) {
                hold();
            } else {
                near.resume();
            }
        }

        void close() {
            pairs.remove(this);
            near.close();
            far.close();
        }

        void hold() {
            near.pause();
            far.pause();
        }

        void release() {
            near.resume();
            far.resume();
        }

        private void request(Buffer data) {
            Cut cut = doomed == null ? next.getAndSet(null) : null;
            if (cut == Cut.BEFORE_THE_REQUEST) {
                cut();
            } else {
                doomed = cut == null ? doomed : cut;
                far.write(data);
            }
        }

        private void reply(Buffer data) {
            if (doomed == null) {
                near.write(data);
            } else if (doomed == Cut.WITHIN_THE_REPLY) {
                near.write(data.slice(0, 1 + random.nextInt(data.length() - 1)));
                cut();
            } else {
                cut();
            }
        }

        private void cut() {
            cuts.incrementAndGet();
            close();
        }
    }
}
