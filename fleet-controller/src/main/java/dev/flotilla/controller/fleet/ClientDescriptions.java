package dev.flotilla.controller.fleet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.flotilla.clients.Constraints;
import dev.flotilla.clients.HostName;
import dev.flotilla.clients.RegionDescription;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What clients have to know of a region, read from what its nodes get. */
public final class ClientDescriptions {
    private ClientDescriptions() {}

    /**
     * The description that the region's mirrors serve.
     *
     * @throws IllegalArgumentException where its nodes don't agree, so that no file holds for all of them
     */
    public static RegionDescription of(Region region) {
        List<RegionDescription> descriptions =
                region.nodes().stream().map(ClientDescriptions::of).distinct().toList();
        if (descriptions.size() > 1) {
            throw new IllegalArgumentException(
                    "the nodes of " + region.name()
                            + " differ in listen.port, tls.port or clients: a region's name leads to all of them, so give them the same");
        }
        return descriptions.getFirst();
    }

    private static RegionDescription of(Node node) {
        Config mirror = ConfigFactory.parseString(node.mirrorConfiguration()).getConfig("flotilla.mirror");
        return new RegionDescription(
                node.id().region(),
                host(mirror, "clients.name"),
                host(mirror, "clients.global-name"),
                OptionalInt.of(node.clientPort()),
                node.encryptedPort(),
                platforms(mirror),
                mirror.hasPath("clients.constraints")
                        ? Optional.of(new Constraints(mirror.getString("clients.constraints")))
                        : Optional.empty());
    }

    private static Optional<HostName> host(Config mirror, String key) {
        return mirror.hasPath(key) ? Optional.of(HostName.parse(mirror.getString(key))) : Optional.empty();
    }

    private static List<PlatformSlug> platforms(Config mirror) {
        return mirror.hasPath("clients.platforms")
                ? mirror.getStringList("clients.platforms").stream()
                        .map(text -> PlatformSlug.parse(text)
                                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no platform")))
                        .toList()
                : List.of();
    }
}
