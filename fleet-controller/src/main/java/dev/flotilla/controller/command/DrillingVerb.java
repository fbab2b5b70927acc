package dev.flotilla.controller.command;

import dev.flotilla.controller.drill.Drills;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Holding;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.controller.status.StatusSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all verbs of {@code flotilla drill} have in common: which fleet, its lock, and how they speak. */
abstract class DrillingVerb {
    private final Workplace workplace;
    private final Surroundings.OfLocalFleet localFleet;
    private final Path usualState;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ArgGroup(exclusive = true)
    private WhichFleet which = new WhichFleet();

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(
            names = "--dns",
            paramLabel = "HOST:PORT",
            converter = NameServerAddress.class,
            description =
                    "Ask this server in place of those that the zone is delegated to. Default: of a local fleet its own.")
    private @Nullable InetSocketAddress nameServer;

    @Option(names = "--json", description = "Say what came of it as one JSON object.")
    private boolean json;

    DrillingVerb(Workplace workplace, Surroundings.OfLocalFleet localFleet, Path usualState) {
        this.workplace = workplace;
        this.localFleet = localFleet;
        this.usualState = usualState;
    }

    final Workplace workplace() {
        return workplace;
    }

    final CommandSpec spec() {
        return spec;
    }

    final boolean isJson() {
        return json;
    }

    final List<Path> keys() {
        return keys.folders();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** For people. */
    final void tell(String line) {
        if (!json) {
            out().println(line);
        }
    }

    final void step(String line) {
        tell("  " + line);
    }

    final Surroundings open() {
        return which.open(
                fleet -> new Surroundings(
                        StatusSources.of(fleet, workplace.credentials().get(), Optional.ofNullable(nameServer)),
                        Surroundings.USUAL_PROJECT,
                        Optional.empty()),
                localFleet::open,
                usualState);
    }

    final Holding lock(Surroundings fleet) throws InterruptedException {
        return locking.take(
                fleet.sources().fleet(),
                fleet.sources().bucket(),
                workplace.clock(),
                workplace.actor(),
                "drill",
                this::step);
    }

    final Drills drills(Surroundings fleet, Holding lock) {
        FleetConfiguration configuration = fleet.sources().fleet();
        return new Drills(
                configuration,
                fleet.sources().bucket(),
                fleet.sources()
                        .zone()
                        .orElseThrow(() -> new CommandFailure(
                                configuration.file() + " has no dns { … }: without names nothing moves")),
                keys.folders(),
                workplace.clock(),
                workplace.actor(),
                lock,
                this::step);
    }

    /** Undoes what a drill has left that was killed, and says so. */
    final Optional<String> restore(Drills drills) throws InterruptedException {
        try {
            return drills.restore();
        } catch (IOException failed) {
            throw new CommandFailure("what an earlier drill has left can't be undone: " + failed.getMessage(), failed);
        }
    }
}
