package io.ancillary.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A receiver of webhooks on a free port of this machine that behaves in one way and counts what came. It is on sockets,
 * without a framework that would mend what it is to do badly. Whatever a peer does, no connection outlives
 * {@link #PATIENCE} without a request, and none outlives the receiver.
 */
public final class Receiver implements AutoCloseable {
    /** More than the longest behaviour takes. */
    static final Duration PATIENCE = Duration.ofMinutes(11);
    private static final int MOST_CONNECTIONS = 2_000;
    private static final long SWEEP_MILLIS = 250;
    private static final long CLOSING_SECONDS = 10;

    private final Queue<Hit> hits = new ConcurrentLinkedQueue<>();
    private final Queue<String> names;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder written = new LongAdder();
    private final Door door;
    private final Behaviour behaviour;
    private final Duration patience;
    private final ExecutorService threads;
    private final ScheduledExecutorService sweeper;
    private volatile boolean closing;

    private Receiver(Door door, Behaviour behaviour, Duration patience, Queue<String> names) {
        this.names = names;
        this.door = door;
        this.behaviour = behaviour;
        this.patience = patience;
        ThreadFactory daemons = work -> {
            Thread thread = new Thread(work, "receiver-" + door.uri().getPort());
            thread.setDaemon(true);
            return thread;
        };
        // One more than there are connections: the one that accepts them.
        threads = new ThreadPoolExecutor(0, MOST_CONNECTIONS + 1, 1, TimeUnit.SECONDS, new SynchronousQueue<>(),
                daemons);
        sweeper = Executors.newSingleThreadScheduledExecutor(daemons);
        threads.execute(this::acceptAll);
        sweeper.scheduleWithFixedDelay(() -> conversations.forEach(Conversation::abortIfLate), SWEEP_MILLIS,
                SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    public static Receiver start(Behaviour behaviour) {
        return start(behaviour, PATIENCE);
    }

    /** One that gives up on what takes longer, between two requests or within one. */
    static Receiver start(Behaviour behaviour, Duration patience) {
        return at(names -> Door.open(), behaviour, patience);
    }

    /** One at another address of the loopback network, such as {@code 127.0.0.2}, and at the port of one that is there. */
    public static Receiver start(String address, int port, Behaviour behaviour) {
        return at(names -> Door.at(address, port), behaviour, PATIENCE);
    }

    /** With a certificate for localhost, hooks.test and 127.0.0.1 that is good for whoever trusts the authority. */
    public static Receiver tls(TestAuthority authority, Behaviour behaviour) {
        return at(names -> Door.tls(authority.valid(), names::add), behaviour, PATIENCE);
    }

    /** The same but for the certificate's last day, which was some days ago. */
    public static Receiver expiredCertificate(TestAuthority authority) {
        return at(names -> Door.tls(authority.expired(), names::add), Behaviour.ok(), PATIENCE);
    }

    /** Takes connections, and never says a byte of the TLS handshake. */
    public static Receiver slowTls() {
        return at(names -> Door.silent(), Behaviour.ok(), PATIENCE);
    }

    /** Nothing listens on its port, and nothing else will as long as this is open. */
    public static Receiver refused() {
        return at(names -> Door.refused(), Behaviour.ok(), PATIENCE);
    }

    /** Connections to it hang: they are neither taken nor refused. */
    public static Receiver neverAccepts() {
        return at(names -> Door.full(), Behaviour.ok(), PATIENCE);
    }

    /** With the root path; over TLS to localhost, and to 127.0.0.1 otherwise. */
    public URI uri() {
        return door.uri();
    }

    /** The whole requests that came, in their order; without what was broken off. */
    public List<Hit> hits() {
        return List.copyOf(hits);
    }

    /** The names that clients asked for in their TLS handshakes. */
    public List<String> names() {
        return List.copyOf(names);
    }

    /** How many connections were taken. */
    public int connections() {
        return connections.get();
    }

    /** How many of them have not ended yet. */
    public int openConnections() {
        return conversations.size();
    }

    /** Of all answers, heads and bodies, before TLS. */
    public long bytesWritten() {
        return written.sum();
    }

    /** Breaks off what hangs, and waits until the last thread has nothing left to do. */
    @Override
    public void close() {
        closing = true;
        try {
            door.close();
            conversations.forEach(Conversation::abort);
            threads.shutdownNow();
            sweeper.shutdownNow();
            if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)
                    || !sweeper.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a thread of the receiver at " + uri() + " does not end");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptAll() {
        try {
            while (!closing) {
                take(door.entrance().accept());
            }
        } catch (IOException e) {
            // Nobody comes any more.
        }
    }

    private void take(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        Conversation conversation = new Conversation(socket, patience, written);
        conversations.add(conversation);
        connections.incrementAndGet();
        try {
            threads.execute(() -> hold(conversation));
        } catch (RejectedExecutionException e) {
            // Too many at once, or closed since it came.
            conversation.abort();
            conversations.remove(conversation);
        }
    }

    private void hold(Conversation conversation) {
        try {
            // Whoever closes does not see a connection that is taken only then.
            if (closing) {
                conversation.abort();
            }
            conversation.run(door, behaviour, hits::add);
        } finally {
            conversations.remove(conversation);
        }
    }

    private static Receiver at(DoorMaker maker, Behaviour behaviour, Duration patience) {
        try {
            Queue<String> names = new ConcurrentLinkedQueue<>();
            return new Receiver(maker.make(names), behaviour, patience, names);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @FunctionalInterface
    private interface DoorMaker {
        Door make(Queue<String> names) throws IOException;
    }
}
