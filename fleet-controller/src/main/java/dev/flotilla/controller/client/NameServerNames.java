package dev.flotilla.controller.client;

import java.net.InetSocketAddress;
import java.time.Duration;

/** Asks one server for each name. */
public final class NameServerNames implements Names {
    private final NameServer server;

    /** With {@code alsoIpv6} it is asked for AAAA records, too. */
    public NameServerNames(InetSocketAddress server, Duration timeOut, boolean alsoIpv6) {
        this.server = new NameServer(server, timeOut, alsoIpv6);
    }

    @Override
    public Answer resolve(String host) {
        return switch (server.ask(host)) {
            case NameServer.Reply.Silent silent -> new Answer.None(silent.reason());
            case NameServer.Reply.Refused refused ->
                new Answer.None("the name server " + server + " says " + refused.code() + " to " + host);
            case NameServer.Reply.Addresses said ->
                said.addresses().isEmpty()
                        ? new Answer.None("the name server " + server + " knows no address of " + host)
                        : new Answer.Addresses(said.addresses(), said.left());
        };
    }
}
