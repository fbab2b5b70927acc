package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.iam.Policies;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla iam}: what to allow whom. */
@Command(
        name = "iam",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Prints policies for AWS: what controller, agents and onlookers have to be allowed, and no more.",
        description = {
            "",
            "Made of fleet.conf alone; nothing is asked or changed. Nothing is ever deleted from the bucket but by flotilla destroy, which has a policy of its own.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla iam controller --zone-id Z0123456789ABC",
            "  flotilla iam agent east/east-1",
            "  flotilla iam read-only > onlooker.json",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:not so; the message says why", "2:wrong usage"})
public final class IamCommand implements Runnable {
    private static final Pattern ZONE_ID = Pattern.compile("[A-Z0-9]{1,32}");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Zones by their ids, which only their account knows. */
    static final class Zones {
        @Option(names = "--zone-id", paramLabel = "ID", description = "The hosted zone; default: any of the account's.")
        private @Nullable String zone;

        @Option(
                names = "--challenge-zone-id",
                paramLabel = "ID",
                description = "The hosted zone that certificates.challenge-zone names; default: any of the account's.")
        private @Nullable String challengeZone;
    }

    @Command(
            name = "controller",
            mixinStandardHelpOptions = true,
            description = "For who changes the fleet: bucket and DNS.")
    void controller(@Mixin Zones zones) {
        print(policies(zones.zone, zones.challengeZone).controller());
    }

    @Command(
            name = "destroyer",
            mixinStandardHelpOptions = true,
            description = "For who runs destroy: as controller, and objects may be deleted.")
    void destroyer(@Mixin Zones zones) {
        print(policies(zones.zone, zones.challengeZone).destroyer());
    }

    @Command(name = "agent", mixinStandardHelpOptions = true, description = "For one node: it writes its own report.")
    void agent(
            @Parameters(paramLabel = "REGION/NODE", converter = Place.Written.class, description = "The node.")
                    Place place) {
        FleetConfiguration fleet = file.read();
        NodeId node = place.onlyNode(fleet, "each node has a policy of its own");
        print(new Policies(fleet, Optional.empty()).agent(node));
    }

    @Command(
            name = "read-only",
            mixinStandardHelpOptions = true,
            description = "For who only looks: status, doctor, plan, audit, lock status.")
    void readOnly(
            @Option(
                            names = "--zone-id",
                            paramLabel = "ID",
                            description = "The hosted zone; default: any of the account's.")
                    @Nullable
                    String zone) {
        print(policies(zone, null).readOnly());
    }

    private Policies policies(@Nullable String zone, @Nullable String challengeZone) {
        return new Policies(file.read(), zoneId(zone), zoneId(challengeZone));
    }

    private static Optional<String> zoneId(@Nullable String written) {
        if (written != null && !ZONE_ID.matcher(written).matches()) {
            throw new CommandFailure("'" + written + "' is no id of a hosted zone, as in Z0123456789ABC");
        }
        return Optional.ofNullable(written);
    }

    private void print(JsonObject policy) {
        spec.commandLine().getOut().print(JsonWriter.text(policy));
        spec.commandLine().getOut().flush();
    }
}
