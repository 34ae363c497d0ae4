package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;

/**
 * How a receiver stands at its port: what befalls a peer before its first request is read. TLS is laid over accepted
 * plain sockets, so that what is below it can still be reset, and closed while TLS itself is stuck.
 */
record Door(URI uri, Entrance entrance, Greeting greeting, List<Closeable> held) implements Closeable {
    private static final int LONG_QUEUE = 1024;
    private static final int SHORT_QUEUE = 1;
    private static final int MOST_FILLERS = 16;
    /** A handshake over loopback is done within the call that begins it. */
    private static final int FILLER_TIMEOUT_MILLIS = 300;

    /** Waits for the next peer, and throws when none can come any more. */
    @FunctionalInterface
    interface Entrance {
        Socket accept() throws IOException;
    }

    /** Turns an accepted socket into the one on which requests come. */
    @FunctionalInterface
    interface Greeting {
        Socket greet(Socket accepted) throws IOException;
    }

    static Door open() throws IOException {
        ServerSocket server = listen(LONG_QUEUE);
        return new Door(http(server.getLocalPort()), server::accept, accepted -> accepted, List.of(server));
    }

    /** At an address of the loopback network besides the usual one, and at a port that is another's there. */
    static Door at(String address, int port) throws IOException {
        ServerSocket server = new ServerSocket(port, LONG_QUEUE, InetAddress.getByName(address));
        return new Door(URI.create("http://" + (address.contains(":") ? "[" + address + "]" : address) + ":" + port + "/"),
                server::accept, accepted -> accepted, List.of(server));
    }

    /** Tells the name that a client asks for, if it does. */
    static Door tls(SSLContext context, Consumer<String> asked) throws IOException {
        return secure(accepted -> {
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(accepted, "localhost",
                    accepted.getPort(), true);
            socket.setUseClientMode(false);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setSNIMatchers(List.of(new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
                @Override
                public boolean matches(SNIServerName name) {
                    asked.accept(new String(name.getEncoded(), US_ASCII));
                    return true;
                }
            }));
            socket.setSSLParameters(parameters);
            return socket;
        });
    }

    /** Takes connections, and never says the first byte of its part of the TLS handshake. */
    static Door silent() throws IOException {
        return secure(accepted -> {
            InputStream in = accepted.getInputStream();
            byte[] ignored = new byte[8192];
            int read = 0;
            while (read >= 0) {
                read = in.read(ignored);
            }
            throw new EOFException("the peer has gone");
        });
    }

    /** A socket that is bound and does not listen: the port refuses, and nobody else gets it. */
    static Door refused() throws IOException {
        Socket bound = new Socket();
        bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return closed(bound.getLocalPort(), List.of(bound));
    }

    /**
     * Listens, with a queue that is full already. Linux drops what more comes without a word, and the peer goes on
     * trying.
     */
    static Door full() throws IOException {
        ServerSocket server = listen(SHORT_QUEUE);
        List<Closeable> held = new ArrayList<>(List.of(server));
        while (held.size() <= MOST_FILLERS) {
            Socket filler = new Socket();
            try {
                filler.connect(server.getLocalSocketAddress(), FILLER_TIMEOUT_MILLIS);
                held.add(filler);
            } catch (SocketTimeoutException e) {
                filler.close();
                return closed(server.getLocalPort(), held);
            }
        }
        closed(server.getLocalPort(), held).close();
        throw new IOException("a queue that cannot be filled");
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : held) {
            each.close();
        }
    }

    private static Door secure(Greeting greeting) throws IOException {
        ServerSocket server = listen(LONG_QUEUE);
        URI uri = URI.create("https://localhost:" + server.getLocalPort() + "/");
        return new Door(uri, server::accept, greeting, List.of(server));
    }

    private static Door closed(int port, List<Closeable> held) {
        return new Door(http(port), () -> {
            throw new SocketException("nobody comes in here");
        }, accepted -> accepted, held);
    }

    private static ServerSocket listen(int queue) throws IOException {
        return new ServerSocket(0, queue, InetAddress.getLoopbackAddress());
    }

    private static URI http(int port) {
        return URI.create("http://127.0.0.1:" + port + "/");
    }
}
