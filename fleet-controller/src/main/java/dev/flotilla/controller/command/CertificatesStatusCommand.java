package dev.flotilla.controller.command;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.certificates.CertificateFolder;
import dev.flotilla.controller.certificates.ServedCertificate;
import dev.flotilla.controller.certificates.Standing;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code flotilla certificates status}: the alarm before a certificate ends. It looks at the folder, and at what nodes show their clients. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows how the certificates stand that lie beside fleet.conf, and fails where one has to be renewed.",
        footer = {
            "",
            "Examples:",
            "  flotilla certificates status",
            "  flotilla certificates status --json | jq .regions",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every region has a certificate for its names with more than a third of its life left, and its nodes serve it",
            "1:one has none such, or a node serves another; or the message says what else",
            "2:wrong usage"
        })
public final class CertificatesStatusCommand implements Callable<Integer> {
    private static final String SERVES = "serves it";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final EachNode ASKING = new EachNode(32);

    private final Clock clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--json", description = "As one JSON object.")
    private boolean json;

    public CertificatesStatusCommand(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        var folder = new CertificateFolder(CertificatesCommand.settings(fleet).folder());
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        boolean renewed = regions(fleet, folder, out);
        Map<NodeId, Optional<String>> served =
                ASKING.take(fleet.nodes().stream().filter(Node::issued).toList(), node -> trouble(fleet, folder, node));
        boolean brought = served.values().stream().allMatch(Optional::isEmpty);
        if (json) {
            var nodes = JsonObject.EMPTY;
            for (Map.Entry<NodeId, Optional<String>> node : served.entrySet()) {
                nodes = nodes.with(
                        node.getKey().toString(),
                        JsonObject.EMPTY
                                .with("good", node.getValue().isEmpty())
                                .with("says", node.getValue().orElse(SERVES)));
            }
            out.println(JsonWriter.text(JsonObject.EMPTY
                    .with("good", renewed && brought)
                    .with("regions", standings(fleet, folder))
                    .with("nodes", nodes)));
        } else {
            served.forEach((node, trouble) -> out.printf("%-16s %s%n", node, trouble.orElse(SERVES)));
            if (!renewed) {
                err.println("flotilla: certificates have to be renewed: flotilla certificates renew");
            } else if (!brought) {
                err.println("flotilla: not every node serves its region's certificate: flotilla certificates renew"
                        + " brings it; where it was brought, flotilla logs says why it isn't taken up");
            }
        }
        return renewed && brought ? 0 : CommandFailure.FAILED;
    }

    private Standing standing(FleetConfiguration fleet, CertificateFolder folder, RegionName region)
            throws IOException {
        return folder.standing(region, CertificatesCommand.names(fleet, region), clock.instant());
    }

    /** Says how each stands, but for programs; whether all do well. */
    private boolean regions(FleetConfiguration fleet, CertificateFolder folder, PrintWriter out) throws IOException {
        boolean well = true;
        for (Region region : fleet.regions()) {
            Standing standing = standing(fleet, folder, region.name());
            well &= standing instanceof Standing.Good;
            if (!json) {
                out.printf("%-16s %s%n", region.name(), standing.line());
            }
        }
        return well;
    }

    private JsonObject standings(FleetConfiguration fleet, CertificateFolder folder) throws IOException {
        var regions = JsonObject.EMPTY;
        for (Region region : fleet.regions()) {
            Standing standing = standing(fleet, folder, region.name());
            regions = regions.with(
                    region.name().value(),
                    JsonObject.EMPTY
                            .with("good", standing instanceof Standing.Good)
                            .with("says", standing.line())
                            .with("ends", standing.ends(), end -> new Json.Text(end.toString())));
        }
        return regions;
    }

    /** What is wrong with what clients of a node see; absent where it is its region's. */
    private static Optional<String> trouble(FleetConfiguration fleet, CertificateFolder folder, Node node)
            throws IOException {
        Optional<X509Certificate> wanted = folder.certificate(node.id().region());
        if (wanted.isEmpty()) {
            return Optional.of("has none to serve yet");
        }
        var server = new InetSocketAddress(
                node.address().address(), node.encryptedPort().orElseThrow());
        try {
            X509Certificate served = ServedCertificate.ask(
                    server, fleet.dns().orElseThrow().of(node.id().region()), PATIENCE);
            return served.equals(wanted.get())
                    ? Optional.empty()
                    : Optional.of("serves another, which ends at "
                            + served.getNotAfter().toInstant());
        } catch (IOException failed) {
            return Optional.of("doesn't answer by HTTPS at "
                    + node.encryptedReadiness().getAuthority() + ": " + failed.getMessage());
        }
    }
}
