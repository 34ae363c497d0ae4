package io.ancillary.inbound;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import io.ancillary.http.Streamed;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Watches one connection: by its bytes, in front of all else, and by what the HTTP decoder makes of them, behind it. Only
 * on the connection's own event loop.
 *
 * <pre>
 * HEADERS ──headers──▶ BODY ──its end──▶ IDLE ──a byte──▶ HEADERS …
 *    └── too slow: cut     └── too slow, or too much of all bodies together: cut
 * </pre>
 */
final class RequestWatch extends ChannelInboundHandlerAdapter {
    /** What a piece costs besides its bytes, however short it is. */
    private static final int PER_PIECE = 256;

    private final Connections connections;
    private final Patience patience;
    private final Unfinished unfinished;
    private Phase phase = Phase.HEADERS;
    private long since;
    private long uncounted;
    private boolean counted;
    private boolean seesMessages;
    private boolean streamed;
    private @Nullable ChannelHandlerContext connection;
    private @Nullable Future<?> timer;

    RequestWatch(Connections connections) {
        this.connections = connections;
        this.patience = connections.patience();
        this.unfinished = connections.unfinished();
    }

    /** Why a connection was closed. */
    enum Cut {
        HEADERS,
        BODY,
        MEMORY
    }

    private enum Phase {
        IDLE,
        HEADERS,
        BODY
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        connection = context;
        enter(Phase.HEADERS);
        lookIn(context, patience.headers().toNanos());
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        if (phase == Phase.IDLE) {
            enter(Phase.HEADERS);
        }
        boolean saw = seesMessages || seeMessages(context);
        context.fireChannelRead(bytes);
        if (!saw && seeMessages(context)) {
            // TLS has just begun, and may have brought a request that was not seen: who can tell where it stands.
            enter(Phase.IDLE);
        }
    }

    /** The decoder is there from the beginning without TLS, and with it only once that has begun. */
    private boolean seeMessages(ChannelHandlerContext context) {
        ChannelPipeline pipeline = context.pipeline();
        ChannelHandlerContext decoder = pipeline.context(HttpRequestDecoder.class);
        ChannelHandlerContext encoder = pipeline.context(HttpResponseEncoder.class);
        if (decoder != null && encoder != null) {
            seesMessages = true;
            pipeline.addAfter(decoder.name(), "requests", new Messages());
            connections.check(pipeline, decoder.name(), encoder.name());
        }
        return seesMessages;
    }

    /** All that came at one go has been passed on; what is still awaited is kept somewhere until the rest comes. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (phase == Phase.BODY && uncounted > 0) {
            counted = true;
            unfinished.add(this, uncounted).forEach(RequestWatch::makeRoom);
            uncounted = 0;
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        forget();
        if (timer != null) {
            timer.cancel(false);
        }
        context.fireChannelInactive();
    }

    private void enter(Phase next) {
        phase = next;
        since = System.nanoTime();
        forget();
    }

    private void forget() {
        uncounted = 0;
        if (counted) {
            counted = false;
            unfinished.remove(this);
        }
    }

    private void lookIn(ChannelHandlerContext context, long nanos) {
        timer = context.executor().schedule(() -> look(context), nanos, TimeUnit.NANOSECONDS);
    }

    /** One timer a connection, which finds it busy with something else most times: a timer a request would cost more. */
    private void look(ChannelHandlerContext context) {
        if (!context.channel().config().isAutoRead()) {
            // It is we who do not read.
            since = System.nanoTime();
        }
        long allowed = (phase == Phase.BODY ? patience.body() : patience.headers()).toNanos();
        long left = phase == Phase.IDLE ? allowed : allowed - (System.nanoTime() - since);
        if (left > 0) {
            lookIn(context, left);
        } else {
            cut(phase == Phase.BODY ? Cut.BODY : Cut.HEADERS);
        }
    }

    /** On any event loop. */
    private void makeRoom() {
        cut(Cut.MEMORY);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // That it cannot be closed means that it is.
    private void cut(Cut reason) {
        connections.cut(reason);
        if (connection != null) {
            connection.close();
        }
    }

    /** What the decoder gives. */
    private final class Messages extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                enter(Phase.BODY);
                streamed = Streamed.is(request.uri());
            }
            if (message instanceof HttpContent && streamed) {
                // Nobody keeps it, and it may take as long as it likes while it goes on.
                since = System.nanoTime();
            } else if (message instanceof HttpContent content) {
                uncounted += content.content().readableBytes() + PER_PIECE;
            }
            if (message instanceof LastHttpContent) {
                enter(Phase.IDLE);
            }
            context.fireChannelRead(message);
        }
    }
}
