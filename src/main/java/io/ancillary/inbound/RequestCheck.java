package io.ancillary.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

import io.ancillary.http.ForBrowsers;
import io.ancillary.http.Gate.TurnedAway;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Lets one request through at a time, and that only while the client reads its answers: of one who sends thousands and reads
 * none, no more is read than came at one go. Refuses what is no proper request, with a body such as every error has, and
 * ends the connection with that. Only on the connection's own event loop.
 */
final class RequestCheck extends ChannelDuplexHandler {
    /** No body that is dropped unread is longer than this says. */
    private static final int MOST_DIGITS = 5;
    private static final String JSON = "application/json";

    private final Connections connections;
    private final Lateness lateness;
    /** What came behind a request that is not answered yet. */
    private final Queue<Object> held = new ArrayDeque<>();
    private boolean unanswered;
    /** Chunks are read in more than one way, where they end too: what stands behind them is nobody's request. */
    private boolean last;
    /** Whether all of the request that is let through has come. */
    private boolean whole;
    private boolean closing;
    /** What is left of a request that was turned away. */
    private boolean dropping;
    private boolean releasing;
    private boolean stopped;
    private boolean readWanted;
    private boolean over;

    RequestCheck(Connections connections, Lateness lateness) {
        this.connections = connections;
        this.lateness = lateness;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // That it cannot be closed means that it is.
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (over) {
            boolean all = closing && message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            if (all) {
                // Behind the answer, which may not have been flushed yet.
                context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        } else if (!held.isEmpty() || mustWait(context, message)) {
            held.add(message);
            stopReading(context);
        } else {
            pass(context, message);
        }
    }

    private boolean mustWait(ChannelHandlerContext context, Object message) {
        return message instanceof HttpRequest && (unanswered || !context.channel().isWritable());
    }

    private void pass(ChannelHandlerContext context, Object message) {
        if (dropping) {
            dropping = !(message instanceof LastHttpContent);
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            Fault fault = Fault.of(request);
            if (fault != null) {
                over = true;
                ReferenceCountUtil.release(message);
                held.forEach(ReferenceCountUtil::release);
                held.clear();
                answer(context, fault);
                return;
            }
            if (isTurnedAway(context, request)) {
                dropping = true;
                return;
            }
            unanswered = true;
            whole = false;
            last = request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        }
        whole |= message instanceof LastHttpContent;
        context.fireChannelRead(message);
    }

    /**
     * Only what is as most such requests are: of a body without a declared length, or with one that is too large, it is for
     * others to say when it is over, and what is no JSON, or of an older client, is answered with more than this says.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for an answer but the client.
    private boolean isTurnedAway(ChannelHandlerContext context, HttpRequest request) {
        HttpHeaders headers = request.headers();
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        if (length == null || length.length() > MOST_DIGITS || type == null || !type.startsWith(JSON)
                || !request.protocolVersion().equals(HttpVersion.HTTP_1_1) || !HttpUtil.isKeepAlive(request)) {
            return false;
        }
        Optional<TurnedAway> turned = connections.turnAway(request.method().name(), request.uri(), lateness.pace());
        if (turned.isEmpty()) {
            return false;
        }
        // Past the encoder: the answer stands as it is sent.
        context.pipeline().context(HttpResponseEncoder.class).writeAndFlush(connections.answerTo(turned.get()));
        return true;
    }

    /** What came after would only wait with it. Vert.x may switch reading on again, which {@link #read} then hears of. */
    private void stopReading(ChannelHandlerContext context) {
        if (context.channel().config().isAutoRead()) {
            context.channel().config().setAutoRead(false);
            stopped = true;
        }
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (held.isEmpty()) {
            context.read();
        } else {
            readWanted = true;
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Whoever writes has the promise.
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        boolean interim = message instanceof HttpResponse response && response.status().code() < 200;
        boolean end = message instanceof LastHttpContent && !interim;
        if (last && message instanceof HttpResponse response && !interim) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        context.write(message, end && last && whole ? promise.unvoid().addListener(ChannelFutureListener.CLOSE) : promise);
        if (end) {
            // Closed while the client is still sending, the connection would be reset, and the answer lost.
            closing = last && !whole;
            over |= last;
            unanswered = false;
            // Once Vert.x is done with the answer that it is writing.
            releaseLater(context);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        releaseLater(context);
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        over = true;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        context.fireChannelInactive();
    }

    private void releaseLater(ChannelHandlerContext context) {
        if (!held.isEmpty() && !releasing) {
            releasing = true;
            context.executor().execute(() -> release(context));
        }
    }

    private void release(ChannelHandlerContext context) {
        releasing = false;
        boolean some = false;
        for (Object next = held.peek(); next != null && !over && !mustWait(context, next); next = held.peek()) {
            held.remove();
            some = true;
            pass(context, next);
        }
        if (some) {
            context.fireChannelReadComplete();
        }
        if (held.isEmpty() && stopped) {
            stopped = false;
            context.channel().config().setAutoRead(true);
        }
        if (held.isEmpty() && readWanted) {
            readWanted = false;
            context.read();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Answered or not, it is over.
    private void answer(ChannelHandlerContext context, Fault fault) {
        FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(fault.status()),
                Unpooled.copiedBuffer(connections.bodyOf(fault), UTF_8));
        ForBrowsers.HEADERS.forEach(answer.headers()::set);
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }
}
