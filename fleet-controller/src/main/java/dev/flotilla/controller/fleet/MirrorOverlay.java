package dev.flotilla.controller.fleet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Puts a node's {@code mirror.conf} together: what only the controller knows, then the settings of node, region and fleet,
 * the nearer over the farther, objects merged key by key and lists replaced whole. Whether the mirror likes the result is
 * for {@code mirror check} to say; only the ports are looked at, since DNS and status depend on them.
 */
final class MirrorOverlay {
    private static final ConfigRenderOptions RENDERING = ConfigRenderOptions.defaults()
            .setOriginComments(false)
            .setComments(false)
            .setJson(false);
    private static final int CLIENT_PORT = 8080;
    private static final int OPERATIONS_PORT = 8081;

    /** Of a mirror's {@code tls} where it doesn't say. */
    private static final int ENCRYPTED_PORT = 8443;

    private static final String ENCRYPTED = "tls";

    /** Where a machine has the certificate that the controller brings, and its key in the same file: so both change at once. */
    private static final String ISSUED = "etc/flotilla/tls.pem";

    private static final String WHEELS = "wheels.source";
    private static final String STORE = "store.path";
    private static final String USUAL_STORE = "var/lib/flotilla/mirror";

    private final Config settings;

    private final boolean issued;

    private MirrorOverlay(Config settings, boolean issued) {
        this.settings = settings;
        this.issued = issued;
    }

    /**
     * @param overlays JSON objects, the nearest to the node first
     * @param wheels where the fleet's wheels are, where it builds some; what an operator says goes over it
     * @param root where the machine is a folder of this computer: the mirror's store is below it
     * @param issues whether the fleet has certificates issued: a mirror with {@code tls} that names none gets its region's
     * @throws IllegalArgumentException where a setting contradicts the controller
     */
    static MirrorOverlay of(
            NodeId node,
            NodeAddress address,
            List<Optional<String>> overlays,
            Optional<URI> wheels,
            Optional<String> root,
            boolean issues) {
        Config merged = ConfigFactory.empty();
        for (Optional<String> overlay : overlays) {
            if (overlay.isPresent()) {
                merged = merged.withFallback(ConfigFactory.parseString(overlay.get()));
            }
        }
        for (String key : List.of("region", "node")) {
            if (merged.hasPath(key)) {
                throw new IllegalArgumentException("mirror." + key + " is set by the controller: leave it out");
            }
        }
        Config listening = ConfigFactory.empty()
                .withValue("listen.host", ConfigValueFactory.fromAnyRef(address.toString()))
                .withValue("listen.port", ConfigValueFactory.fromAnyRef(CLIENT_PORT))
                .withValue("operations.host", ConfigValueFactory.fromAnyRef(address.toString()))
                .withValue("operations.port", ConfigValueFactory.fromAnyRef(OPERATIONS_PORT));
        if (wheels.isPresent() && !merged.hasPath(WHEELS)) {
            merged = merged.withValue(
                    WHEELS, ConfigValueFactory.fromAnyRef(wheels.get().toString()));
        }
        if (root.isPresent()) {
            String store = merged.hasPath(STORE)
                    ? String.valueOf(merged.getValue(STORE).unwrapped())
                    : USUAL_STORE;
            merged = merged.withValue(
                    STORE,
                    ConfigValueFactory.fromAnyRef(Path.of(root.get(), store).toString()));
        }
        Config whole = merged.withFallback(listening);
        // All of a machine's own addresses of IPv4, as the mirror has it, are too few or too many there; elsewhere it
        // stays, since
        // no mirror takes over from one that listens at another address.
        boolean elsewhere = address.isIpv6() || root.isPresent();
        if (elsewhere && whole.hasPath(ENCRYPTED) && !whole.hasPath(ENCRYPTED + ".host")) {
            whole = whole.withValue(ENCRYPTED + ".host", whole.getValue("listen.host"));
        }
        boolean issued = issues
                && whole.hasPath(ENCRYPTED)
                && !whole.hasPath(ENCRYPTED + ".certificate")
                && !whole.hasPath(ENCRYPTED + ".key");
        if (issued) {
            var file = ConfigValueFactory.fromAnyRef(
                    Path.of(root.orElse("/")).resolve(ISSUED).toString());
            whole = whole.withValue(ENCRYPTED + ".certificate", file).withValue(ENCRYPTED + ".key", file);
        }
        return new MirrorOverlay(
                whole.withValue(
                                "region",
                                ConfigValueFactory.fromAnyRef(node.region().value()))
                        .withValue(
                                "node",
                                ConfigValueFactory.fromAnyRef(node.node().value())),
                issued);
    }

    /** With what clients are told of the fleet: its names, and the platforms that it has wheels for. What an operator says goes over it. */
    MirrorOverlay tellingClients(RegionName region, Optional<DnsName> fleet, Collection<PlatformSlug> platforms) {
        Config told = ConfigFactory.empty();
        if (fleet.isPresent()) {
            told = told.withValue(
                            "clients.name",
                            // A name that is too long is refused with all other problems, and not here.
                            ConfigValueFactory.fromAnyRef(region + "." + fleet.get()))
                    .withValue(
                            "clients.global-name",
                            ConfigValueFactory.fromAnyRef(fleet.get().value()));
        }
        if (!platforms.isEmpty()) {
            told = told.withValue(
                    "clients.platforms",
                    ConfigValueFactory.fromIterable(
                            platforms.stream().map(PlatformSlug::toString).toList()));
        }
        return new MirrorOverlay(settings.withFallback(told), issued);
    }

    int clientPort() {
        return port("listen.port");
    }

    OptionalInt encryptedPort() {
        if (!settings.hasPath(ENCRYPTED)) {
            return OptionalInt.empty();
        }
        String port = ENCRYPTED + ".port";
        return OptionalInt.of(settings.hasPath(port) ? port(port) : ENCRYPTED_PORT);
    }

    /** Whether its certificate is the one that the fleet has issued for its region. */
    boolean isIssued() {
        return issued;
    }

    int operationsPort() {
        return port("operations.port");
    }

    /** As it stands in a URL; where the mirror listens on all addresses, loopback is one of them. */
    String operationsHost() {
        String host = settings.getString("operations.host");
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> host.indexOf(':') < 0 ? host : "[" + host + "]";
        };
    }

    String text() {
        return settings.atPath("flotilla.mirror").root().render(RENDERING);
    }

    private int port(String key) {
        try {
            int port = settings.getInt(key);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (ConfigException notANumber) {
            throw new IllegalArgumentException(portProblem(key), notANumber);
        }
        throw new IllegalArgumentException(portProblem(key));
    }

    private static String portProblem(String key) {
        return "mirror." + key + " has to be a port between 1 and 65535: health checks and status ask there";
    }
}
