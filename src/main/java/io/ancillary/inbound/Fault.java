package io.ancillary.inbound;

import java.util.Iterator;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.ancillary.http.Problem;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Why a request is none (RFC 9112). Two servers that read one differently can be made to take the body of one client for
 * the request of another: what is not certain is refused, and so is all that comes after it on its connection.
 */
enum Fault {
    MALFORMED(400, "invalid_request", "the request is not valid HTTP"),
    TWO_LENGTHS(400, "invalid_request", "the request says in two ways how long its body is"),
    UNKNOWN_ENCODING(400, "invalid_request", "the only transfer encoding is chunked, with HTTP/1.1"),
    UNREADABLE_PATH(400, "invalid_request", "the request's path or query cannot be read"),
    NO_HOST(400, "invalid_request", "the request must have one Host header, with a host in it"),
    LONG_LINE(414, "uri_too_long", "the request's first line is too long"),
    LONG_HEADERS(431, "headers_too_large", "the request's headers are too large"),
    OTHER_VERSION(505, "http_version_not_supported", "HTTP/1.1 and HTTP/1.0 are spoken here");

    private static final String AUTHORITY = "[A-Za-z0-9._~-]+(?::\\d{0,5})?|\\[[0-9A-Fa-f:.]+\\](?::\\d{0,5})?";
    private static final Pattern HOST = Pattern.compile(AUTHORITY);
    private static final Pattern ABSOLUTE = Pattern.compile("\\*|(?i:https?)://(?:" + AUTHORITY + ")(?:[/?].*)?");

    private final int status;
    private final String code;
    private final String error;

    Fault(int status, String code, String error) {
        this.status = status;
        this.code = code;
        this.error = error;
    }

    int status() {
        return status;
    }

    Problem problem() {
        return new Problem(code, error);
    }

    /** What is wrong with a request; nothing with most. */
    static @Nullable Fault of(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            return cause instanceof TooLongHttpLineException ? LONG_LINE
                    : cause instanceof TooLongHttpHeaderException ? LONG_HEADERS : MALFORMED;
        }
        boolean newer = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (!newer && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return OTHER_VERSION;
        }
        if (!isReadable(request.uri()) || request.method().equals(HttpMethod.CONNECT)) {
            return UNREADABLE_PATH;
        }
        HttpHeaders headers = request.headers();
        String host = headers.get(HttpHeaderNames.HOST);
        boolean wrong = host == null ? newer
                : !isHost(host) || isMoreThanOne(headers.valueStringIterator(HttpHeaderNames.HOST));
        if (wrong) {
            return NO_HOST;
        }
        String encoding = headers.get(HttpHeaderNames.TRANSFER_ENCODING);
        if (encoding == null) {
            return null;
        }
        if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            return TWO_LENGTHS;
        }
        boolean chunked = newer && headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() == 1
                && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encoding);
        return chunked ? null : UNKNOWN_ENCODING;
    }

    /** Visible ASCII, percent signs with two digits each, and a path, be it behind a host. */
    private static boolean isReadable(String uri) {
        if (!uri.startsWith("/") && !ABSOLUTE.matcher(uri).matches()) {
            return false;
        }
        for (int i = 0; i < uri.length(); i++) {
            char each = uri.charAt(i);
            if (each <= ' ' || each > '~' || each == '\\' || (each == '%' && !(isHex(uri, i + 1) && isHex(uri, i + 2)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isMoreThanOne(Iterator<String> values) {
        values.next();
        return values.hasNext();
    }

    /** Most are names or four decimals, and need no pattern to tell. */
    private static boolean isHost(String host) {
        for (int i = 0; i < host.length(); i++) {
            char each = host.charAt(i);
            boolean plain = (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '.' || each == '-';
            if (!plain) {
                return HOST.matcher(host).matches();
            }
        }
        return !host.isEmpty();
    }

    private static boolean isHex(String uri, int at) {
        return at < uri.length() && Character.digit(uri.charAt(at), 16) >= 0;
    }

    /** Leaves both lengths where they are; the one that it extends takes one away without a word. */
    static final class Decoder extends VertxHttpRequestDecoder {
        Decoder(HttpServerOptions options) {
            super(options);
        }

        @Override
        protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
            // Seen by who looks for faults.
        }
    }
}
