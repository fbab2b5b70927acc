package dev.flotilla.controller.drill;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.probe.ProbeTarget;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a drill is about, and what its clients ask for.
 *
 * @param project one that the fleet's index has
 * @param filePath where a small file of it is, as every region has it
 * @param digest the file's
 * @param authorities all servers that the zone is delegated to; at least one
 * @param resolver a resolver to ask in place of a cache of our own
 * @param pip absent where there is none
 * @param pipNeedsNames whether this machine's own resolvers don't know the fleet's names
 */
public record DrillSubject(
        FleetConfiguration fleet,
        Region region,
        ProjectName project,
        String filePath,
        Sha256 digest,
        List<InetSocketAddress> authorities,
        Optional<InetSocketAddress> resolver,
        Optional<Path> pip,
        boolean pipNeedsNames) {
    public DrillSubject {
        authorities = List.copyOf(authorities);
        if (fleet.dns().isEmpty() || authorities.isEmpty()) {
            throw new IllegalArgumentException("a fleet without names in DNS has nothing that moves");
        }
    }

    /** Who watches, for people. */
    public String described() {
        return String.join(" and ", names()) + ", by "
                + authorities.size() + (authorities.size() == 1 ? " name server" : " name servers") + " and "
                + resolver.map(server -> "the resolver " + server.getHostString())
                        .orElse("a client with a cache")
                + "; page and file of " + project
                + pip.map(program -> "; " + program).orElse("");
    }

    /** The names that clients use: the global one, and the region's own. */
    List<String> names() {
        var global = fleet.dns().orElseThrow().name();
        return List.of(global.value(), global.below(region.name().value()).value());
    }

    URI index(String name) {
        return ProbeTarget.index(name, region.nodes().getFirst().clientPort());
    }

    URI page(String name) {
        return index(name).resolve(project + "/");
    }

    URI file(String name) {
        return index(name).resolve(filePath);
    }
}
