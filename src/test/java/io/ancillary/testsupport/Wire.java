package io.ancillary.testsupport;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;

/**
 * A connection that speaks just enough HTTP to post packets, one request at a time: who loads a service from the same
 * machine must leave it some of that. Only its own event loop may use it.
 */
public final class Wire {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final int STATUS = "HTTP/1.1 ".length();
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Answer BROKEN = new Answer(0, "");

    private final NetSocket socket;
    private final String head;
    private final StringBuilder read = new StringBuilder();
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

        /** The value of a header, which is given in lower case; the empty string when there is none. */
        public String header(String name) {
            return text.lines().takeWhile(line -> !line.isEmpty())
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip()).findFirst().orElse("");
        }

        public String body() {
            return text.substring(text.indexOf(END_OF_HEAD) + END_OF_HEAD.length());
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
        read.append(data.toString("ISO-8859-1"));
        int end = read.indexOf(END_OF_HEAD);
        if (end >= 0 && read.length() >= end + END_OF_HEAD.length() + length(end)) {
            Answer answer = new Answer(Integer.parseInt(read, STATUS, STATUS + 3, 10), read.toString());
            read.setLength(0);
            answer(answer);
        }
    }

    private int length(int endOfHead) {
        Matcher found = LENGTH.matcher(read).region(0, endOfHead);
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    private void answer(Answer answer) {
        Consumer<Answer> told = waiting;
        waiting = nobody -> {
        };
        told.accept(answer);
    }
}
