package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.certificates.CertificateFolder;
import dev.flotilla.controller.certificates.Standing;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code flotilla certificates status}: the alarm before a certificate ends. It asks nobody, and looks at the folder alone. */
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
            "0:every region has a certificate for its names with more than a third of its life left",
            "1:one has none such; or the message says what else",
            "2:wrong usage"
        })
public final class CertificatesStatusCommand implements Callable<Integer> {
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
    public Integer call() throws IOException {
        FleetConfiguration fleet = file.read();
        var folder = new CertificateFolder(CertificatesCommand.settings(fleet).folder());
        PrintWriter out = spec.commandLine().getOut();
        var regions = JsonObject.EMPTY;
        boolean well = true;
        for (Region region : fleet.regions()) {
            Standing standing =
                    folder.standing(region.name(), CertificatesCommand.names(fleet, region.name()), clock.instant());
            boolean good = standing instanceof Standing.Good;
            well &= good;
            var said = JsonObject.EMPTY.with("good", good).with("says", standing.line());
            if (standing.ends().isPresent()) {
                said = said.with("ends", standing.ends().get());
            }
            regions = regions.with(region.name().value(), said);
            if (!json) {
                out.printf("%-16s %s%n", region.name(), standing.line());
            }
        }
        if (json) {
            out.println(JsonWriter.text(JsonObject.EMPTY.with("good", well).with("regions", regions)));
        } else if (!well) {
            spec.commandLine()
                    .getErr()
                    .println("flotilla: certificates have to be renewed: flotilla certificates renew");
        }
        return well ? 0 : CommandFailure.FAILED;
    }
}
