package dev.flotilla.controller.local;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Finds out that ports are free by binding them, before anything is started. What was chosen stays bound until this is
 * closed, so that two choices never meet. For one thread.
 */
final class Ports implements AutoCloseable {
    /** A free port of one address is nearly always free on the others too; after this many times it is not chance. */
    private static final int TRIES = 50;

    private static final int LARGEST = 65_535;

    private final Deque<AutoCloseable> bound = new ArrayDeque<>();

    /**
     * One TCP port on all {@code addresses}.
     *
     * @param wanted the port, or 0 for any
     * @param option the option that chooses another, for the message
     */
    int tcp(List<InetAddress> addresses, int wanted, String option) throws CannotStartException {
        return choose(wanted, port -> bindTcp(addresses, port), option);
    }

    /** One port for UDP and TCP on {@code address}. */
    int udpAndTcp(InetAddress address, int wanted, String option) throws CannotStartException {
        return choose(wanted, port -> bindUdpAndTcp(address, port), option);
    }

    /** The first TCP port from {@code first} on that is free on all {@code addresses}. */
    int tcpFrom(List<InetAddress> addresses, int first) throws CannotStartException {
        for (int port = first; port < Math.min(first + TRIES, LARGEST); port++) {
            try {
                return bindTcp(addresses, port);
            } catch (TakenException taken) {
                // The next one, then.
            } catch (IOException unusable) {
                throw unusable(port, unusable);
            }
        }
        return tcp(addresses, 0, "--port");
    }

    /** Lets go of all ports, for the programs that are to use them. */
    @Override
    public void close() {
        while (!bound.isEmpty()) {
            closeQuietly(bound.pop());
        }
    }

    private int choose(int wanted, Binding binding, String option) throws CannotStartException {
        int tries = wanted == 0 ? TRIES : 1;
        String taken = "";
        for (int i = 0; i < tries; i++) {
            try {
                return binding.bind(wanted);
            } catch (TakenException refused) {
                taken = String.valueOf(refused.getMessage());
            } catch (IOException unusable) {
                throw unusable(wanted, unusable);
            }
        }
        throw new CannotStartException(taken + " is in use by another program: end that one (ss -lnp shows it),"
                + " or choose another port with " + option + " N (0 picks a free one)");
    }

    private static CannotStartException unusable(int port, IOException cause) {
        return new CannotStartException(
                "port " + port + " can't be used: " + cause.getMessage()
                        + ". The local fleet needs the loopback addresses 127.0.1.1 and 127.0.2.1, as Linux has them",
                cause);
    }

    private int bindTcp(List<InetAddress> addresses, int wanted) throws IOException {
        Deque<AutoCloseable> sockets = new ArrayDeque<>();
        int port = wanted;
        for (InetAddress address : addresses) {
            try {
                var socket = new ServerSocket(port, 1, address);
                sockets.push(socket);
                port = socket.getLocalPort();
            } catch (IOException refused) {
                sockets.forEach(Ports::closeQuietly);
                throw explained(refused, port, address);
            }
        }
        bound.addAll(sockets);
        return port;
    }

    private int bindUdpAndTcp(InetAddress address, int wanted) throws IOException {
        DatagramSocket udp;
        try {
            udp = new DatagramSocket(new InetSocketAddress(address, wanted));
        } catch (IOException refused) {
            throw explained(refused, wanted, address);
        }
        try {
            bindTcp(List.of(address), udp.getLocalPort());
        } catch (IOException refused) {
            udp.close();
            throw refused;
        }
        bound.push(udp);
        return udp.getLocalPort();
    }

    private static IOException explained(IOException refused, int port, InetAddress address) {
        boolean taken = refused instanceof BindException
                && String.valueOf(refused.getMessage()).contains("in use");
        return taken ? new TakenException("port " + port + " on " + address.getHostAddress()) : refused;
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception neverOpened) {
            // A listening socket without connections has nothing to lose.
        }
    }

    private interface Binding {
        int bind(int port) throws IOException;
    }

    /** Somebody else has the port. */
    private static final class TakenException extends IOException {
        private static final long serialVersionUID = 1;

        TakenException(String what) {
            super(what);
        }
    }
}
