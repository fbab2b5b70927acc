package dev.flotilla.controller.local.route53;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks DNS over UDP and TCP on one port (RFC 1035, section 4.2; RFC 7766). One thread answers datagrams in turn, a
 * bounded number of virtual threads serves connections. Thread-safe; nothing that arrives ends it.
 */
final class NameServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NameServer.class);
    private static final int DATAGRAM_BYTES_LIMIT = 65_535;
    private static final int BACKLOG = 64;
    private static final int FREE_PORT_TRIES = 50;
    private static final Duration END = Duration.ofSeconds(2);

    private final DnsResponder responder;
    private final Route53Limits limits;
    private final DatagramSocket datagrams;
    private final ServerSocket connections;
    private final Semaphore places;
    private final List<Thread> threads;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private NameServer(
            DnsResponder responder, Route53Limits limits, DatagramSocket datagrams, ServerSocket connections) {
        this.responder = responder;
        this.limits = limits;
        this.datagrams = datagrams;
        this.connections = connections;
        this.places = new Semaphore(limits.tcpConnections());
        this.threads = List.of(
                Thread.ofPlatform().daemon().name("dns-datagrams").unstarted(this::serveDatagrams),
                Thread.ofPlatform().daemon().name("dns-connections").unstarted(this::serveConnections));
    }

    /**
     * Binds both sockets and begins to answer.
     *
     * @throws IOException if the port is in use; the message names it
     */
    static NameServer start(InetSocketAddress address, DnsResponder responder, Route53Limits limits)
            throws IOException {
        NameServer server = bind(address, responder, limits);
        server.threads.forEach(Thread::start);
        return server;
    }

    /** Where it listens, over UDP and TCP. */
    InetSocketAddress address() {
        return (InetSocketAddress) connections.getLocalSocketAddress();
    }

    @Override
    public void close() {
        datagrams.close();
        closeQuietly(connections);
        open.forEach(NameServer::closeQuietly);
        // The port is free only when the threads have left their system calls.
        for (Thread thread : threads) {
            try {
                thread.join(END);
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static NameServer bind(InetSocketAddress address, DnsResponder responder, Route53Limits limits)
            throws IOException {
        if (address.getPort() != 0) {
            return bindBoth(address, responder, limits);
        }
        // A port that is free for TCP may be taken for UDP: then another one is tried.
        for (int attempt = 1; ; attempt++) {
            try {
                return bindBoth(address, responder, limits);
            } catch (IOException taken) {
                if (attempt == FREE_PORT_TRIES) {
                    throw taken;
                }
            }
        }
    }

    private static NameServer bindBoth(InetSocketAddress address, DnsResponder responder, Route53Limits limits)
            throws IOException {
        ServerSocket connections = new ServerSocket();
        try {
            connections.bind(address, BACKLOG);
        } catch (IOException failure) {
            closeQuietly(connections);
            throw refusal("TCP", address, failure);
        }
        InetSocketAddress bound = (InetSocketAddress) connections.getLocalSocketAddress();
        try {
            return new NameServer(responder, limits, new DatagramSocket(bound), connections);
        } catch (IOException failure) {
            closeQuietly(connections);
            throw refusal("UDP", bound, failure);
        }
    }

    private static IOException refusal(String protocol, InetSocketAddress address, IOException failure) {
        String place = protocol + " port " + address.getPort() + " on "
                + address.getAddress().getHostAddress();
        return failure instanceof BindException
                ? new IOException(place + " can't be used for the name server: " + failure.getMessage(), failure)
                : new IOException("the name server can't listen on " + place + ": " + failure.getMessage(), failure);
    }

    private void serveDatagrams() {
        byte[] buffer = new byte[DATAGRAM_BYTES_LIMIT];
        while (!datagrams.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                datagrams.receive(packet);
                byte[] query = new byte[packet.getLength()];
                System.arraycopy(packet.getData(), packet.getOffset(), query, 0, query.length);
                InetSocketAddress client = (InetSocketAddress) packet.getSocketAddress();
                Optional<byte[]> answer = responder.answerDatagram(query, client.getAddress());
                if (answer.isPresent() && client.getPort() != 0) {
                    datagrams.send(new DatagramPacket(answer.get(), answer.get().length, client));
                }
            } catch (IOException | RuntimeException failure) {
                if (!datagrams.isClosed()) {
                    LOG.warn("a DNS query over UDP was not answered: {}", failure.toString());
                }
            }
        }
    }

    private void serveConnections() {
        while (!connections.isClosed()) {
            try {
                Socket client = connections.accept();
                if (places.tryAcquire()) {
                    open.add(client);
                    Thread.ofVirtual().name("dns-connection").start(() -> serve(client));
                } else {
                    closeQuietly(client);
                }
            } catch (IOException failure) {
                if (!connections.isClosed()) {
                    LOG.warn("a DNS connection was not accepted: {}", failure.toString());
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setSoTimeout(Math.toIntExact(limits.tcpIdle().toMillis()));
            DataInputStream input = new DataInputStream(client.getInputStream());
            DataOutputStream output = new DataOutputStream(client.getOutputStream());
            while (true) {
                byte[] query = new byte[input.readUnsignedShort()];
                input.readFully(query);
                Optional<byte[]> answer = responder.answerConnection(query, client.getInetAddress());
                if (answer.isEmpty()) {
                    return;
                }
                byte[] framed = new byte[answer.get().length + 2];
                framed[0] = (byte) (answer.get().length >> 8);
                framed[1] = (byte) answer.get().length;
                System.arraycopy(answer.get(), 0, framed, 2, answer.get().length);
                output.write(framed);
            }
        } catch (EOFException | SocketException ended) {
            LOG.debug("a DNS connection ended");
        } catch (IOException | RuntimeException failure) {
            LOG.debug("a DNS connection was closed: {}", failure.toString());
        } finally {
            open.remove(client);
            places.release();
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception failure) {
            LOG.debug("a socket did not close: {}", failure.toString());
        }
    }
}
