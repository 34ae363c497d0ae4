package io.ancillary.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Refuses what is no proper request, with a body such as every error has, and ends the connection with that. Only on the
 * connection's own event loop.
 */
final class RequestCheck extends ChannelDuplexHandler {
    private final Map<Fault, String> answers;
    private int unanswered;
    private boolean over;

    RequestCheck(Map<Fault, String> answers) {
        this.answers = answers;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (over) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            Fault fault = Fault.of(request);
            if (fault != null && unanswered == 0) {
                over = true;
                ReferenceCountUtil.release(message);
                answer(context, fault);
                return;
            }
            if (fault != null) {
                // Those before it have their answers first, which Vert.x sees to; its own to this has no body.
                request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault.name())));
            }
            unanswered++;
        }
        context.fireChannelRead(message);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Whoever writes has the promise.
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        boolean interim = message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (message instanceof LastHttpContent && !interim) {
            unanswered--;
        }
        context.write(message, promise);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Answered or not, it is over.
    private void answer(ChannelHandlerContext context, Fault fault) {
        FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(fault.status()),
                Unpooled.copiedBuffer(answers.getOrDefault(fault, ""), UTF_8));
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }
}
