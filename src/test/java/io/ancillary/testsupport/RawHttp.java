package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/**
 * An answer to a request written byte by byte: for what a client library would mend, refuse to send, or not survive.
 * The whole request is written before the answer is read, as simple clients do.
 */
public record RawHttp(int status, String head, String body) {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int CHUNK = 32 * 1024;

    /** A request as it stands. */
    public static RawHttp send(String request) {
        return exchange(request, new byte[0]);
    }

    /** Posts a packet with one header of the test's choice. */
    public static RawHttp post(String header, String body) {
        return post(header, body.getBytes(UTF_8));
    }

    public static RawHttp post(String header, byte[] body) {
        return exchange("POST " + Api.PACKETS + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header
                + "\r\nContent-Length: " + body.length + "\r\n\r\n", body);
    }

    /** Posts a packet without saying how long it is. */
    public static RawHttp postChunked(String header, byte[] body) {
        return postChunked(Api.PACKETS, header, body);
    }

    /** Posts something without saying how long it is. */
    public static RawHttp postChunked(String path, String header, byte[] body) {
        ByteArrayOutputStream chunked = new ByteArrayOutputStream();
        for (int from = 0; from < body.length; from += CHUNK) {
            int length = Math.min(CHUNK, body.length - from);
            chunked.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(ISO_8859_1));
            chunked.write(body, from, length);
            chunked.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        chunked.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
        return exchange("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header
                + "\r\nTransfer-Encoding: chunked\r\n\r\n", chunked.toByteArray());
    }

    /** A header's value, or the empty string. */
    public String header(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ": ";
        return head.lines().filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length())).findFirst().orElse("");
    }

    private static RawHttp exchange(String head, byte[] body) {
        try (Socket socket = new Socket(InetAddress.getByName("localhost"), Api.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(ISO_8859_1));
            out.write(body);
            out.flush();
            return parse(head(socket), socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static RawHttp parse(String head, Socket socket) throws IOException {
        RawHttp bodiless = new RawHttp(Integer.parseInt(head.substring(9, 12)), head, "");
        String length = bodiless.header("Content-Length");
        byte[] body = socket.getInputStream().readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
        return new RawHttp(bodiless.status, head, new String(body, UTF_8));
    }
}
