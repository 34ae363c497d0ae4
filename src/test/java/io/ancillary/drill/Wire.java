package io.ancillary.drill;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;

/**
 * A connection that speaks just enough HTTP to post packets, one at a time: who loads a service from the same machine
 * must leave it some of that. Only its own event loop may use it.
 */
final class Wire {
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d{3})");
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final Pattern RETRY_AFTER = Pattern.compile("(?i)\r\nretry-after: *(\\d+)");
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Answer BROKEN = new Answer(0, 0);

    private final NetSocket socket;
    private final String path;
    private final StringBuilder read = new StringBuilder();
    private Consumer<Answer> waiting = nobody -> {
    };

    /**
     * @param status 0 when the connection broke
     * @param retryAfterSeconds 0 when it does not say
     */
    record Answer(int status, int retryAfterSeconds) {
    }

    private Wire(NetSocket socket, String path) {
        this.socket = socket;
        this.path = path;
        socket.handler(this::read).closeHandler(closed -> answer(BROKEN)).exceptionHandler(broken -> socket.close());
    }

    static Future<Wire> connect(NetClient client, int port, String path) {
        return client.connect(port, "127.0.0.1").map(socket -> new Wire(socket, path));
    }

    void post(String json, Consumer<Answer> answered) {
        waiting = answered;
        socket.write(Buffer.buffer("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + json.length() + END_OF_HEAD + json));
    }

    private void read(Buffer data) {
        read.append(data.toString("ISO-8859-1"));
        int head = read.indexOf(END_OF_HEAD);
        if (head >= 0 && read.length() >= head + END_OF_HEAD.length() + number(LENGTH, 0)) {
            Answer answer = new Answer(number(STATUS, 0), number(RETRY_AFTER, 0));
            read.setLength(0);
            answer(answer);
        }
    }

    private int number(Pattern field, int otherwise) {
        Matcher found = field.matcher(read);
        return found.find() ? Integer.parseInt(found.group(1)) : otherwise;
    }

    private void answer(Answer answer) {
        Consumer<Answer> told = waiting;
        waiting = nobody -> {
        };
        told.accept(answer);
    }
}
