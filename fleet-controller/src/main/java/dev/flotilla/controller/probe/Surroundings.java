package dev.flotilla.controller.probe;

import dev.flotilla.controller.client.NameServerNames;
import dev.flotilla.controller.client.Names;
import dev.flotilla.controller.client.SystemNames;
import dev.flotilla.controller.status.StatusSources;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A fleet as those meet it who look at it from outside. Closes what it holds.
 *
 * @param project one that its index surely has
 * @param local the state folder, where it is a local fleet
 */
public record Surroundings(StatusSources sources, ProjectName project, Optional<Path> local) implements AutoCloseable {
    /** A small project with a wheel, which PyPI and all that mirror it have. */
    public static final ProjectName USUAL_PROJECT = new ProjectName("six");

    /** Finds the local fleet whose state lies in a folder. */
    @FunctionalInterface
    public interface OfLocalFleet {
        /** Fails with a message for people where there is no such fleet. */
        Surroundings open(Path state) throws IOException;
    }

    /** What names of the fleet are asked of: the name server that was named, or this machine's resolvers. */
    public Names names(Duration timeOut) {
        boolean alsoIpv6 =
                sources.fleet().nodes().stream().anyMatch(node -> node.address().isIpv6());
        return sources.nameServer()
                .<Names>map(server -> new NameServerNames(server, timeOut, alsoIpv6))
                .orElseGet(() -> new SystemNames(timeOut, alsoIpv6));
    }

    @Override
    public void close() {
        sources.close();
    }
}
