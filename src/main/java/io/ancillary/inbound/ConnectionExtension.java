package io.ancillary.inbound;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;

/** Made by Netty, which shows it each connection that is accepted. */
public final class ConnectionExtension extends ChannelInitializerExtension {
    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        Connections.watch(channel);
    }
}
