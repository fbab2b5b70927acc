package dev.flotilla.controller.command;

import dev.flotilla.controller.firewall.RuleSet;
import dev.flotilla.controller.fleet.FabricKind;
import dev.flotilla.controller.fleet.FirewallSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla node-config}: files that a node's machine needs, for those who make nodes by other means than {@code apply}. */
@Command(
        name = "node-config",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Prints a file that a node's machine needs: agent.conf, or its rules for nftables. Asks nobody.",
        description = {
            "",
            "Made of fleet.conf alone. agent.conf is what apply would bring. firewall.nft says who comes in and where the machine may go, by firewall { … } of fleet.conf: a table of its own, inet flotilla; what it doesn't name is dropped.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla node-config east/east-1",
            "  flotilla node-config east/east-1 firewall.nft > east-1.nft && nft --check --file east-1.nft",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:not so; the message says why", "2:wrong usage"})
public final class NodeConfigCommand implements Runnable {
    private static final String AGENT = "agent.conf";
    private static final String FIREWALL = "firewall.nft";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Parameters(index = "0", paramLabel = "REGION/NODE", converter = Place.Written.class, description = "The node.")
    private Place place = Place.NONE;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = AGENT,
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private String wanted = AGENT;

    /** What can be asked for. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of(AGENT, FIREWALL).iterator();
        }
    }

    @Override
    public void run() {
        FleetConfiguration fleet = file.read();
        NodeId named = place.onlyNode(fleet, "each node has files of its own");
        Node node = fleet.nodes().stream()
                .filter(known -> known.id().equals(named))
                .findFirst()
                .orElseThrow();
        String text = switch (wanted) {
            case AGENT -> fleet.provision().agentConfiguration(fleet, node);
            case FIREWALL -> rules(fleet, node);
            default ->
                throw new CommandFailure("there is no '" + wanted + "': name one of " + String.join(", ", new Names()));
        };
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }

    private static String rules(FleetConfiguration fleet, Node node) {
        FirewallSettings settings = fleet.firewall()
                .orElseThrow(
                        () -> new CommandFailure(
                                "fleet.conf has no firewall { … }: write at least from where people and controllers come, as in firewall { operations = [ \"192.0.2.0/28\" ] }"));
        if (node.fabric() == FabricKind.LOCAL) {
            throw new CommandFailure(
                    node.id()
                            + " is a folder of this computer: rules for it would be this computer's own, and are yours to write");
        }
        try {
            return RuleSet.of(fleet, settings, node);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(String.valueOf(wrong.getMessage()));
        }
    }
}
