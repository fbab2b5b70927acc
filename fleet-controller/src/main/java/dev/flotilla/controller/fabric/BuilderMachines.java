package dev.flotilla.controller.fabric;

import dev.flotilla.controller.fleet.FabricKind;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.WheelBuilder;
import dev.flotilla.controller.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The machines that build wheels for a fleet. They are somebody's: nothing is made or taken away here. Safe for many threads. */
public final class BuilderMachines implements AutoCloseable {
    private final Optional<StaticFabric> listed;
    private final String path;

    private BuilderMachines(Optional<StaticFabric> listed, String path) {
        this.listed = listed;
        this.path = path;
    }

    /**
     * Opens the ways to {@code builders}; nothing is asked of any of them yet. {@link IOException} where a key or the book of host keys can't be
     * read, or nobody has said how to come to machines.
     *
     * @param environment may name an SSH agent, and says where programs are
     */
    public static BuilderMachines open(
            FleetConfiguration fleet, Collection<WheelBuilder> builders, Map<String, String> environment)
            throws IOException {
        boolean lists = builders.stream().anyMatch(builder -> builder.fabric() == FabricKind.STATIC);
        if (lists && fleet.ssh().isEmpty()) {
            throw new IOException(
                    fleet.file() + " doesn't say how to come to machines: add ssh { user = \"builder\" }");
        }
        return new BuilderMachines(
                lists
                        ? Optional.of(StaticFabric.open(fleet, fleet.ssh().orElseThrow(), environment))
                        : Optional.empty(),
                environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"));
    }

    /** The machine of a builder that was named when this was opened. */
    public Machine machine(WheelBuilder builder) throws IOException {
        return switch (builder.fabric()) {
            case STATIC ->
                listed.orElseThrow()
                        .machine(
                                "builder:" + builder.name(),
                                builder.login().host().orElseThrow(),
                                builder.login());
            case LOCAL ->
                new LocalMachine(builder.name().toString(), Files.createDirectories(Path.of(builder.folder())), path);
        };
    }

    @Override
    public void close() {
        listed.ifPresent(StaticFabric::close);
    }
}
