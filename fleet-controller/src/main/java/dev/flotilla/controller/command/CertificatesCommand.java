package dev.flotilla.controller.command;

import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.vocabulary.RegionName;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code flotilla certificates}: what its verbs have in common is that they are about certificates of the fleet's names. */
@Command(
        name = "certificates",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "VERB",
        sortOptions = false,
        header = "Certificates for clients by HTTPS: issued by an ACME server, renewed, watched.",
        description = {
            "",
            "By 'certificates' in fleet.conf each region has one, for its own name and the fleet's. They lie beside fleet.conf, and renew"
                    + " brings them to the nodes.",
            ""
        },
        commandListHeading = "%nVerbs:%n")
public final class CertificatesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The verb with its own verbs, in the order in which help lists them. */
    public static CommandLine with(List<Object> verbs) {
        var line = new CommandLine(new CertificatesCommand());
        verbs.forEach(line::addSubcommand);
        return line;
    }

    /** What the fleet says of certificates; where it says nothing, the command ends. */
    static CertificateSettings settings(FleetConfiguration fleet) {
        return fleet.certificates()
                .orElseThrow(() ->
                        new CommandFailure(fleet.file() + " says nothing of certificates: add certificates { … }"));
    }

    /** What the certificate of a region is to be for. */
    static SortedSet<DnsName> names(FleetConfiguration fleet, RegionName region) {
        DnsSettings dns = fleet.dns().orElseThrow();
        return new TreeSet<>(List.of(dns.of(region), dns.name()));
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
