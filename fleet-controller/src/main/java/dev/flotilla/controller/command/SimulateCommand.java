package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.RecordSet;
import dev.flotilla.controller.dns.RecordTree;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.simulate.Simulation;
import dev.flotilla.controller.simulate.SimulationText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla simulate}: where clients would be led to while something is down. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Says where clients would be led to while nodes and regions are down. Asks nobody.",
        description = {
            "",
            "Works out from fleet.conf which records the fleet has once all of its nodes serve, and what Route 53 answers from them in every"
                    + " combination of nodes that are up and down, or, where these are too many, of regions. '!' is wrong: clients that are led to what"
                    + " is dead while something else serves, aliases that lead nowhere, checks that are missing, regions that would get more than they can bear.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla simulate",
            "  flotilla simulate --zone",
            "  flotilla simulate --json | jq -r '.findings[] | select(.problem) | .text'",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing is wrong", "1:something is wrong, or can't be found out", "2:wrong usage"})
public final class SimulateCommand implements Callable<Integer> {
    private final Supplier<AwsCredentialsProvider> credentials;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(
            names = "--zone",
            description = "Look at the fleet's records as they stand in the zone now, by asking Route 53 once.")
    private boolean zone;

    @Option(names = "--json", description = "One object of JSON.")
    private boolean json;

    /** The verb, ready to run. */
    public SimulateCommand(Supplier<AwsCredentialsProvider> credentials) {
        this.credentials = credentials;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        DnsSettings dns = fleet.dns()
                .orElseThrow(() -> new CommandFailure(
                        fleet.file() + " has no dns { … }: nobody is led anywhere by this fleet's names"));
        Simulation.Outcome outcome = Simulation.of(fleet, zone ? inZone(fleet, dns) : RecordTree.whole(fleet, dns));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonWriter.line(SimulationText.json(dns, outcome)));
        } else {
            SimulationText.lines(dns, outcome).forEach(out::println);
        }
        out.flush();
        return outcome.hasProblems() ? CommandFailure.FAILED : 0;
    }

    private List<RecordSet> inZone(FleetConfiguration fleet, DnsSettings dns) throws IOException, InterruptedException {
        try (var open = Route53Zone.open(dns, credentials.get())) {
            return FleetDns.of(fleet, open, FleetDns.Timing.USUAL, Fence.ALONE, line -> {})
                    .records();
        }
    }
}
