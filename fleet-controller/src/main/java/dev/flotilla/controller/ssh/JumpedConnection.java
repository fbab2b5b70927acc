package dev.flotilla.controller.ssh;

import com.jcraft.jsch.ChannelDirectTCPIP;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Proxy;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a jump host makes for us (RFC 4254, section 7.2), over the session that leads there. What goes through it is
 * the machine's own SSH: the jump host sees none of it. Nobody else can use it, as a port that is forwarded here could be.
 */
final class JumpedConnection implements Proxy {
    private final Session way;
    private final SshTarget jumpHost;
    private @Nullable ChannelDirectTCPIP channel;
    private @Nullable InputStream in;
    private @Nullable OutputStream out;

    JumpedConnection(Session way, SshTarget jumpHost) {
        this.way = way;
        this.jumpHost = jumpHost;
    }

    @Override
    public void connect(@Nullable SocketFactory ignored, String host, int port, int timeout) throws JSchException {
        var opening = OpenedChannel.of(way, "direct-tcpip", ChannelDirectTCPIP.class);
        channel = opening;
        opening.setHost(host);
        opening.setPort(port);
        try {
            in = opening.getInputStream();
            out = opening.getOutputStream();
            opening.connect(timeout);
        } catch (IOException | JSchException refused) {
            throw new JSchException(
                    jumpHost + " opens no connection to " + host + ":" + port
                            + ": nobody listens there, or it lets nobody through (AllowTcpForwarding, PermitOpen)",
                    refused);
        }
    }

    @Override
    public @Nullable InputStream getInputStream() {
        return in;
    }

    @Override
    public @Nullable OutputStream getOutputStream() {
        return out;
    }

    /** There is none; what is late is ended by the clock on the wall. */
    @Override
    public @Nullable Socket getSocket() {
        return null;
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.disconnect();
        }
    }
}
