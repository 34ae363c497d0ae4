package io.ancillary.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.ancillary.http.Gate;
import io.ancillary.http.Gate.Pace;
import io.ancillary.http.Gate.TurnedAway;
import io.ancillary.inbound.RequestWatch.Cut;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.timeout.IdleStateHandler;
import io.quarkus.arc.All;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.quarkus.vertx.http.HttpServerStart;
import io.vertx.core.http.HttpServerOptions;

/** The bounds of clients' connections, and what came of those that went beyond. */
@ApplicationScoped
class Connections implements HttpServerOptionsCustomizer {
    private static final Logger LOG = Logger.getLogger(Connections.class);
    private static final int PART_OF_THE_HEAP = 8;
    /** Netty makes its extension itself, and asks here. */
    private static volatile @Nullable Connections current;

    private final LaunchMode mode;
    private final List<Gate> gates;
    private final Patience patience;
    private final Unfinished unfinished;
    private final Map<Cut, Counter> cuts = new EnumMap<>(Cut.class);
    private final Map<Fault, String> answers = new EnumMap<>(Fault.class);
    private final Map<TurnedAway, ByteBuf> turnedAway = new ConcurrentHashMap<>();
    private final Map<EventLoop, Lateness> lateness = new ConcurrentHashMap<>();
    private volatile @Nullable HttpServerOptions options;

    Connections(InboundConfig config, MeterRegistry registry, ObjectMapper json, LaunchMode mode,
            @All List<Gate> gates)
            throws JsonProcessingException {
        this.mode = mode;
        this.gates = List.copyOf(gates);
        this.patience = new Patience(config.headersTimeout(), config.bodyTimeout());
        this.unfinished = new Unfinished(
                config.unfinishedBodies().map(MemorySize::asLongValue)
                        .orElse(Runtime.getRuntime().maxMemory() / PART_OF_THE_HEAP));
        for (Cut reason : Cut.values()) {
            cuts.put(reason, registry.counter("ancillary.connections.cut", "reason", reason.name().toLowerCase(Locale.ROOT)));
        }
        for (Fault fault : Fault.values()) {
            answers.put(fault, json.writeValueAsString(fault.problem()));
        }
        Gauge.builder("ancillary.bodies.unfinished.bytes", unfinished, Unfinished::total).register(registry);
    }

    /** Before the first connection can come. */
    void begin(@Observes StartupEvent started) {
        current = this;
    }

    /** What has no defence should not look as if it had one. */
    void listening(@ObservesAsync HttpServerStart opened) {
        if (mode == LaunchMode.NORMAL && !ConnectionExtension.isUsed()) {
            LOG.error("clients' connections are not watched: Netty has not found what watches them");
        }
    }

    @Override
    public void customizeHttpServer(HttpServerOptions http) {
        options = http;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions https) {
        options = https;
    }

    /** Has one watched from here on. */
    static void watch(Channel accepted) {
        Connections connections = current;
        if (connections != null) {
            accepted.pipeline().addFirst(new RequestWatch(connections));
        }
    }

    /** Has its requests looked at before Vert.x sees them. */
    void check(ChannelPipeline pipeline, String decoder, String encoder) {
        HttpServerOptions limits = options;
        if (limits != null) {
            pipeline.replace(decoder, decoder, new Fault.Decoder(limits));
        }
        // Behind what closes idle connections: those of which each request is turned away are none.
        ChannelHandlerContext idle = pipeline.context(IdleStateHandler.class);
        pipeline.addAfter(idle == null ? encoder : idle.name(), "check",
                new RequestCheck(this, latenessOf(pipeline.channel().eventLoop())));
    }

    String bodyOf(Fault fault) {
        return Objects.requireNonNull(answers.get(fault));
    }

    Lateness latenessOf(EventLoop loop) {
        return lateness.computeIfAbsent(loop, Lateness::of);
    }

    /** All of it, as bytes, which there are few of; for one to write. */
    ByteBuf answerTo(TurnedAway away) {
        return turnedAway.computeIfAbsent(away, Connections::written).duplicate();
    }

    private static ByteBuf written(TurnedAway away) {
        byte[] body = away.body().getBytes(UTF_8);
        byte[] head = ("HTTP/1.1 " + HttpResponseStatus.valueOf(away.status())
                + "\r\ncontent-type: application/json\r\nretry-after: "
                + away.retryAfter().toSeconds() + "\r\ncontent-length: " + body.length + "\r\n\r\n").getBytes(UTF_8);
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(head.length + body.length).writeBytes(head).writeBytes(body).asReadOnly());
    }

    Optional<TurnedAway> turnAway(String method, String uri, Pace pace) {
        for (Gate gate : gates) {
            Optional<TurnedAway> turned = gate.turnAway(method, uri, pace);
            if (turned.isPresent()) {
                return turned;
            }
        }
        return Optional.empty();
    }

    Patience patience() {
        return patience;
    }

    Unfinished unfinished() {
        return unfinished;
    }

    void cut(Cut reason) {
        Objects.requireNonNull(cuts.get(reason)).increment();
    }
}
