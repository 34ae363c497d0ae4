package io.ancillary.inbound;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** Made by Netty, which shows it each connection that is accepted. */
@RegisterForReflection
public final class ConnectionExtension extends ChannelInitializerExtension {
    private static volatile boolean seen;

    /** Whether Netty found it, and a server listens. */
    static boolean isUsed() {
        return seen;
    }

    @Override
    public void postInitializeServerListenerChannel(ServerChannel listening) {
        seen = true;
    }

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        Connections.watch(channel);
    }
}
