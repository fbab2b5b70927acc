package dev.flotilla.controller.fleet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.flotilla.vocabulary.PublicIndex;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** The hosts that a node's mirror asks, read from what it gets. */
public final class OutboundHosts {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private OutboundHosts() {}

    /**
     * A host and its port.
     *
     * @param host a name or a literal, IPv6 without brackets
     */
    public record Host(String host, int port) {
        /** That of an address by HTTP or HTTPS. */
        public static Host of(URI address) {
            return new Host(bare(String.valueOf(address.getHost())), port(address));
        }

        private static int port(URI address) {
            return address.getPort() >= 0
                    ? address.getPort()
                    : "https".equals(address.getScheme()) ? HTTPS_PORT : HTTP_PORT;
        }

        private static Host parse(String text, int otherwise) {
            int colon = text.lastIndexOf(':');
            return colon <= text.lastIndexOf(']')
                    ? new Host(bare(text), otherwise)
                    : new Host(bare(text.substring(0, colon)), NodeLogin.port(text.substring(colon + 1)));
        }

        private static String bare(String host) {
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }
    }

    /**
     * Those of its upstreams, files included.
     *
     * @throws IllegalArgumentException where they aren't written as the mirror understands them
     */
    public static List<Host> upstreams(Node node) {
        Config mirror = mirror(node);
        List<Host> hosts = new ArrayList<>();
        try {
            if (!mirror.hasPath("upstreams")) {
                add(hosts, PublicIndex.INDEX);
            } else {
                for (Config upstream : mirror.getConfigList("upstreams")) {
                    URI index = URI.create(upstream.getString("index"));
                    add(hosts, index);
                    if (upstream.hasPath("file-hosts")) {
                        upstream.getStringList("file-hosts")
                                .forEach(host -> hosts.add(Host.parse(host, Host.port(index))));
                    }
                    if (upstream.hasPath("files")) {
                        hosts.add(Host.of(URI.create(upstream.getString("files"))));
                    }
                }
            }
        } catch (ConfigException unreadable) {
            throw new IllegalArgumentException(
                    "mirror.upstreams of " + node.id() + " can't be read: " + unreadable.getMessage(), unreadable);
        }
        return hosts.stream().distinct().toList();
    }

    private static void add(List<Host> hosts, URI index) {
        hosts.add(Host.of(index));
        if (index.equals(PublicIndex.INDEX)) {
            hosts.add(new Host(PublicIndex.FILE_HOST, HTTPS_PORT));
        }
    }

    /** Those from which it fetches the fleet's wheels: its bucket, where an operator doesn't say otherwise. */
    public static List<Host> wheels(Node node) {
        Config mirror = mirror(node);
        return mirror.hasPath("wheels.source")
                ? List.of(Host.of(URI.create(mirror.getString("wheels.source"))))
                : List.of();
    }

    private static Config mirror(Node node) {
        return ConfigFactory.parseString(node.mirrorConfiguration()).getConfig("flotilla.mirror");
    }
}
