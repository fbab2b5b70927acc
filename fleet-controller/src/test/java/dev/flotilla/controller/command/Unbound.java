package dev.flotilla.controller.command;

import dev.flotilla.testing.FreePort;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** A real recursive resolver (Debian: unbound) of a test's own, on loopback, that keeps nothing and knows where some zones are. */
final class Unbound implements AutoCloseable {
    private final InetSocketAddress address;
    private final Process process;

    private Unbound(InetSocketAddress address, Process process) {
        this.address = address;
        this.process = process;
    }

    static Unbound asking(Path folder, InetSocketAddress server, String... zones) throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        int port = FreePort.choose();
        var settings = new StringBuilder("""
                server:
                  interface: 127.0.0.1@%d
                  do-not-query-localhost: no
                  do-daemonize: no
                  username: ""
                  chroot: ""
                  directory: "%s"
                  pidfile: ""
                  use-syslog: no
                  module-config: "iterator"
                  cache-max-ttl: 0
                  cache-max-negative-ttl: 0
                """.formatted(port, folder));
        for (String zone : zones) {
            settings.append(
                    "stub-zone:\n  name: \"%s\"\n  stub-addr: 127.0.0.1@%d\n".formatted(zone, server.getPort()));
        }
        Path file = Files.writeString(folder.resolve("unbound.conf"), settings);
        Process process = new ProcessBuilder("/usr/sbin/unbound", "-d", "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("unbound.log").toFile())
                .start();
        var started = new Unbound(new InetSocketAddress(loopback, port), process);
        Awaitility.await("unbound, which says why not in " + folder.resolve("unbound.log"))
                .until(() -> started.answers(zones[0]));
        return started;
    }

    String address() {
        return "127.0.0.1:" + address.getPort();
    }

    private boolean answers(String zone) throws IOException {
        byte[] question = Message.newQuery(Record.newRecord(Name.fromString(zone + "."), Type.SOA, DClass.IN))
                .toWire();
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(500);
            socket.connect(address);
            socket.send(new DatagramPacket(question, question.length));
            socket.receive(new DatagramPacket(new byte[512], 512));
            return true;
        } catch (SocketTimeoutException | PortUnreachableException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException hurried) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
