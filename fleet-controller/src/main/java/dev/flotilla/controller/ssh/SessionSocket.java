package dev.flotilla.controller.ssh;

import com.jcraft.jsch.SocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the socket of a session and keeps it at hand, to be closed under whoever uses it. The library itself can't do that: it takes
 * leave of the machine first, behind what is being sent, and where the way is dead that is never sent.
 */
final class SessionSocket implements SocketFactory {
    private final int connectMillis;
    private @Nullable Socket socket;
    private boolean closed;

    SessionSocket(int connectMillis) {
        this.connectMillis = connectMillis;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        Socket fresh = begun();
        try {
            fresh.connect(new InetSocketAddress(host, port), connectMillis);
            return fresh;
        } catch (SocketTimeoutException late) {
            fresh.close();
            throw new SocketTimeoutException("nobody answers there");
        } catch (IOException failed) {
            fresh.close();
            throw failed;
        }
    }

    private synchronized Socket begun() throws IOException {
        if (closed) {
            throw new IOException("the connection was given up");
        }
        var fresh = new Socket();
        socket = fresh;
        return fresh;
    }

    @Override
    public InputStream getInputStream(Socket socket) throws IOException {
        return socket.getInputStream();
    }

    @Override
    public OutputStream getOutputStream(Socket socket) throws IOException {
        return socket.getOutputStream();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Whoever waits for it is told so at once. */
    synchronized void close() {
        closed = true;
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException ignored) {
            // Nothing more is wanted of it.
        }
    }
}
