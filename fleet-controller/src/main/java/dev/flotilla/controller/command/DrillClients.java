package dev.flotilla.controller.command;

import dev.flotilla.controller.client.NameServer;
import dev.flotilla.controller.client.NameServerNames;
import dev.flotilla.controller.client.Pip;
import dev.flotilla.controller.drill.DrillSubject;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.probe.IndexProbe;
import dev.flotilla.controller.probe.ProbeTarget;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options that say which clients a drill has. */
final class DrillClients {
    private static final Duration QUESTION = Duration.ofSeconds(3);
    private static final int DNS_PORT = 53;

    @Option(
            names = "--resolver",
            paramLabel = "HOST[:PORT]",
            converter = ResolverAddress.class,
            description = "Clients ask this resolver. Default: a cache of our own before the zone's servers.")
    private @Nullable InetSocketAddress resolver;

    @Option(
            names = "--pip",
            paramLabel = "PATH",
            description = "Run this pip; default: the one on PATH, if there is one.")
    private @Nullable Path pip;

    @Option(names = "--no-pip", description = "Run no pip.")
    private boolean noPip;

    @Option(
            names = "--project",
            paramLabel = "NAME",
            description =
                    "Clients ask for this project, of which there has to be a wheel; default: six, of the sample index"
                            + " flotilla-sample-app.")
    private @Nullable String project;

    static final class ResolverAddress implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String written) {
            return new NameServerAddress()
                    .convert(written.matches(".*:[0-9]+|.*]:[0-9]+") ? written : written + ":" + DNS_PORT);
        }
    }

    /** All that clients are told; {@code notes} gets what is left out, and why. */
    DrillSubject subject(Surroundings fleet, Region region, Workplace workplace, List<String> notes)
            throws IOException {
        FleetConfiguration configuration = fleet.sources().fleet();
        ProjectName asked;
        try {
            asked = project == null ? fleet.project() : ProjectName.of(project);
        } catch (IllegalArgumentException invalid) {
            throw new CommandFailure("--project: " + invalid.getMessage(), invalid);
        }
        Node first = region.nodes().getFirst();
        var probe = new IndexProbe(
                new NameServerNames(new InetSocketAddress(first.address().address(), DNS_PORT), QUESTION, false),
                asked,
                IndexProbe.Limits.USUAL,
                workplace.clock());
        ProbeTarget target = ProbeTarget.of(configuration, first);
        IndexProbe.Offered file;
        try {
            file = probe.offered(target);
        } catch (IOException none) {
            throw new CommandFailure(
                    "nothing was touched: " + first.id() + " gives no page of " + asked + ": " + none.getMessage(),
                    none);
        }
        if (!target.index().getAuthority().equals(file.place().getAuthority())) {
            throw new CommandFailure("nothing was touched: files of " + asked + " lie elsewhere, at " + file.place());
        }
        return new DrillSubject(
                configuration,
                region,
                asked,
                file.place().getRawPath(),
                file.digest(),
                authorities(fleet),
                Optional.ofNullable(resolver),
                program(workplace, notes),
                fleet.sources().nameServer().isPresent() || resolver != null);
    }

    private static List<InetSocketAddress> authorities(Surroundings fleet) throws IOException {
        if (fleet.sources().nameServer().isPresent()) {
            return List.of(fleet.sources().nameServer().get());
        }
        var zone = fleet.sources().fleet().dns().orElseThrow().zone();
        List<InetSocketAddress> servers = NameServer.serversOf(zone.value(), QUESTION).stream()
                .map(server -> new InetSocketAddress(server, DNS_PORT))
                .filter(server -> !server.isUnresolved())
                .toList();
        if (servers.isEmpty()) {
            throw new CommandFailure(
                    "nothing was touched: no server of zone " + zone + " has an address that is known here");
        }
        return servers;
    }

    private Optional<Path> program(Workplace workplace, List<String> notes) {
        if (noPip) {
            notes.add("no pip was run, as was wished");
            return Optional.empty();
        }
        if (pip != null && !Files.isExecutable(pip)) {
            throw new CommandFailure("nothing was touched: " + pip + " is no program that can be run");
        }
        Optional<Path> found = pip == null
                ? Pip.find(workplace.environment().getOrDefault("PATH", ""))
                : Optional.of(pip.toAbsolutePath());
        if (found.isEmpty()) {
            notes.add("no pip was run: there is none on PATH. --pip PATH names one");
        }
        return found;
    }
}
