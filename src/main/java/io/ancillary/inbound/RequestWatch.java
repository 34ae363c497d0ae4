package io.ancillary.inbound;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import io.ancillary.http.Streamed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Watches one connection: by its bytes, in front of the HTTP decoder, and by what that makes of them, behind it. Only on the
 * connection's own event loop, but for what says otherwise.
 *
 * <pre>
 * HEADERS ──headers──▶ BODY ──its end──▶ IDLE ──a byte──▶ HEADERS …
 *    └── too slow: cut     └── too slow, or too much of all bodies together: cut
 * </pre>
 */
final class RequestWatch extends ChannelInboundHandlerAdapter {
    /** What a piece costs besides its bytes, however short it is. */
    private static final int PER_PIECE = 256;
    private static final int SMALL = 1024;
    private static final int LARGE = 32 * 1024;
    /** Nobody is cut off sooner than was said, nor later by more than this part of it. */
    private static final int LOOKS = 4;

    private final Connections connections;
    private final Patience patience;
    private final Unfinished unfinished;
    private final long betweenLooks;
    private Phase phase = Phase.HEADERS;
    private long since;
    private long uncounted;
    private boolean counted;
    private boolean streamed;
    private boolean over;
    private @Nullable ChannelHandlerContext connection;
    private @Nullable Future<?> timer;

    RequestWatch(Connections connections) {
        this.connections = connections;
        this.patience = connections.patience();
        this.unfinished = connections.unfinished();
        this.betweenLooks = Math.max(1, Math.min(patience.headers().toNanos(), patience.body().toNanos()) / LOOKS);
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

    /** Without TLS the decoder is there; with it, once that has begun, and has read nothing yet. */
    @Override
    public void channelActive(ChannelHandlerContext context) {
        connection = context;
        enter(Phase.HEADERS);
        timer = context.executor().scheduleAtFixedRate(() -> look(context), betweenLooks, betweenLooks, TimeUnit.NANOSECONDS);
        ChannelPipeline pipeline = context.pipeline();
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        ChannelHandlerContext name = pipeline.context(AbstractSniHandler.class);
        if (name != null || tls != null) {
            pipeline.addAfter((name != null ? name : tls).name(), "handshake", new Handshake());
        } else {
            install(pipeline);
        }
        context.fireChannelActive();
    }

    private void install(ChannelPipeline pipeline) {
        ChannelHandlerContext decoder = pipeline.context(HttpRequestDecoder.class);
        ChannelHandlerContext encoder = pipeline.context(HttpResponseEncoder.class);
        if (decoder != null && encoder != null) {
            pipeline.addBefore(decoder.name(), "bytes", new Bytes());
            pipeline.addAfter(decoder.name(), "messages", new Messages());
            connections.check(pipeline, decoder.name(), encoder.name());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        over = true;
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

    /** One timer a connection, which finds it busy with something else most times: a timer a request would cost more. */
    private void look(ChannelHandlerContext context) {
        long now = System.nanoTime();
        if (!context.channel().config().isAutoRead()) {
            // It is we who do not read: that time is not the client's.
            since = Math.min(now, since + betweenLooks);
        }
        if (phase == Phase.HEADERS && now - since > patience.headers().toNanos()) {
            cut(Cut.HEADERS);
        } else if (phase == Phase.BODY && now - since > patience.body().toNanos()) {
            cut(Cut.BODY);
        }
    }

    /** On any event loop: by the time its own hears of it, the body may have come. */
    private void makeRoom() {
        ChannelHandlerContext its = connection;
        if (its != null) {
            its.executor().execute(() -> {
                if (phase == Phase.BODY) {
                    cut(Cut.MEMORY);
                }
            });
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // That it cannot be closed means that it is.
    private void cut(Cut reason) {
        if (!over && connection != null) {
            over = true;
            connections.cut(reason);
            connection.close();
        }
    }

    /** Sees the end of the handshake before there is a decrypted byte. */
    private final class Handshake extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            context.fireUserEventTriggered(event);
            // Vert.x has put its decoder there by then.
            if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                install(context.pipeline());
                context.pipeline().remove(this);
            }
        }
    }

    /** What the decoder is given. */
    private final class Bytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (phase == Phase.IDLE && !(message instanceof ByteBuf bytes && isBlank(bytes))) {
                enter(Phase.HEADERS);
            }
            context.fireChannelRead(message);
        }

        /** An empty line behind a request belongs to none, and is no beginning of one. */
        private boolean isBlank(ByteBuf bytes) {
            return bytes.readableBytes() <= 2
                    && bytes.forEachByte(each -> each == '\r' || each == '\n') < 0;
        }
    }

    /** What the decoder gives. Of small pieces that come at one go one is made: each costs as much as a large one. */
    private final class Messages extends ChannelInboundHandlerAdapter {
        private @Nullable ByteBuf pieces;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                enter(Phase.BODY);
                streamed = Streamed.is(request.uri());
            }
            if (message instanceof HttpContent content && content.decoderResult().isSuccess()
                    && !(message instanceof LastHttpContent) && content.content().readableBytes() < SMALL) {
                join(context, content);
                return;
            }
            passPieces(context);
            if (message instanceof HttpContent content) {
                count(content.content().readableBytes());
            }
            if (message instanceof LastHttpContent) {
                enter(Phase.IDLE);
            }
            context.fireChannelRead(message);
        }

        private void join(ChannelHandlerContext context, HttpContent piece) {
            ByteBuf joined = pieces;
            if (joined == null) {
                joined = context.alloc().buffer(SMALL);
                pieces = joined;
            }
            joined.writeBytes(piece.content());
            piece.release();
            if (joined.readableBytes() >= LARGE) {
                passPieces(context);
            }
        }

        private void passPieces(ChannelHandlerContext context) {
            ByteBuf joined = pieces;
            if (joined != null) {
                pieces = null;
                count(joined.readableBytes());
                context.fireChannelRead(new DefaultHttpContent(joined));
            }
        }

        private void count(int bytes) {
            if (streamed) {
                // Nobody keeps it, and it may take as long as it likes while it goes on.
                since = System.nanoTime();
            } else {
                uncounted += bytes + PER_PIECE;
            }
        }

        /** All that came at one go has been passed on; what is still awaited is kept somewhere until the rest comes. */
        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            passPieces(context);
            if (phase == Phase.BODY && uncounted > 0) {
                counted = true;
                unfinished.add(RequestWatch.this, uncounted).forEach(RequestWatch::makeRoom);
                uncounted = 0;
            }
            context.fireChannelReadComplete();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (pieces != null) {
                pieces.release();
                pieces = null;
            }
            context.fireChannelInactive();
        }
    }
}
