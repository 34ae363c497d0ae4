package io.ancillary.testsupport;

import java.util.function.Consumer;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;

/**
 * A connection that speaks just enough HTTP to post packets, one request at a time: who loads a service from the same
 * machine must leave it some of that. Only its own event loop may use it.
 */
public final class Wire {
    private static final int STATUS = "HTTP/1.1 ".length();
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Answer BROKEN = new Answer(0, "");

    private final NetSocket socket;
    private final String head;
    private final HttpText read = new HttpText();
    private Consumer<Answer> waiting = nobody -> {
    };

    /**
     * @param status 0 when the connection broke
     * @param text all of it, head and body
     */
    public record Answer(int status, String text) {

        /** 0 when it does not say. */
        public int retryAfterSeconds() {
            String value = header("retry-after");
            return value.isEmpty() ? 0 : Integer.parseInt(value);
        }

        /** The value of a header, in whatever case; the empty string when there is none. */
        public String header(String name) {
            return HttpText.header(text, name);
        }

        public String body() {
            return HttpText.body(text);
        }
    }

    private Wire(NetSocket socket, String head) {
        this.socket = socket;
        this.head = head;
        socket.handler(this::read).closeHandler(closed -> answer(BROKEN)).exceptionHandler(broken -> socket.close());
    }

    public static Future<Wire> connect(NetClient client, int port, String path) {
        return connect(client, port, path, "application/json");
    }

    public static Future<Wire> connect(NetClient client, int port, String path, String contentType) {
        String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + contentType
                + "\r\nContent-Length: ";
        return client.connect(port, "127.0.0.1").map(socket -> new Wire(socket, head));
    }

    public void post(String json, Consumer<Answer> answered) {
        post(Buffer.buffer(json), answered);
    }

    public void post(Buffer body, Consumer<Answer> answered) {
        waiting = answered;
        socket.write(Buffer.buffer(head.length() + 16 + body.length()).appendString(head)
                .appendString(Integer.toString(body.length())).appendString(END_OF_HEAD).appendBuffer(body));
    }

    public void close() {
        socket.close();
    }

    private void read(Buffer data) {
        read.add(data).ifPresent(text -> answer(new Answer(Integer.parseInt(text, STATUS, STATUS + 3, 10), text)));
    }

    private void answer(Answer answer) {
        Consumer<Answer> told = waiting;
        waiting = nobody -> {
        };
        told.accept(answer);
    }
}
