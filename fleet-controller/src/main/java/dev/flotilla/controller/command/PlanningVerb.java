package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.plan.AskedNodes;
import dev.flotilla.controller.plan.FleetPlan;
import dev.flotilla.controller.plan.GuardRails;
import dev.flotilla.controller.plan.Machines;
import dev.flotilla.controller.plan.Planning;
import dev.flotilla.controller.plan.Planning.Limit;
import dev.flotilla.controller.plan.Planning.Result;
import dev.flotilla.controller.publish.IntentPublisher;
import dev.flotilla.controller.publish.Programs;
import dev.flotilla.controller.publish.Publisher;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** What {@code plan} and {@code apply} have in common. */
abstract class PlanningVerb {
    static final int CHANGES = 2;

    private final Workplace workplace;
    private Optional<HostLines> display = Optional.empty();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(
            names = "--limit",
            paramLabel = "REGION[/NODE]",
            description = {
                "Only these machines, and only these nodes enter DNS; can be given several times. The release is one for all, so is what all"
                        + " nodes are told (failback, minimum-serving), and what has left fleet.conf leaves DNS all the same."
            })
    private List<String> limit = new ArrayList<>();

    @Option(
            names = "--most-out",
            paramLabel = "PERCENT",
            defaultValue = "30",
            description =
                    "A change that takes more of the nodes out of DNS, or all of a region, needs --allow-outage; default: ${DEFAULT-VALUE}.")
    private int mostOut = GuardRails.USUAL.mostOutPercent();

    @Option(
            names = "--adopt",
            paramLabel = "NAME",
            description = {
                "Where a plain record (A, AAAA or CNAME) of somebody else stands at this name of the fleet's, the fleet's own take its place, in one"
                        + " step; can be given several times, and is said again with a saved plan. What stood there is kept in the audit"
                        + " trail (flotilla audit)."
            })
    private List<String> adopt = new ArrayList<>();

    @Option(
            names = "--diff",
            description = "Show what changes inside files and records, as diff -u does. What is secret is left out.")
    private boolean inside;

    @Option(names = "--json", description = "A line of JSON for each thing that happens.")
    private boolean json;

    PlanningVerb(Workplace workplace) {
        this.workplace = workplace;
    }

    final Clock clock() {
        return workplace.clock();
    }

    final String actor() {
        return workplace.actor();
    }

    final Map<String, String> environment() {
        return workplace.environment();
    }

    final FleetConfiguration fleet() {
        return file.read();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final List<String> limit() {
        return limit;
    }

    final boolean isJson() {
        return json;
    }

    final GuardRails rails() {
        try {
            return new GuardRails(mostOut);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure("--most-out: " + wrong.getMessage(), wrong);
        }
    }

    /** What is asked and changed, open until it is closed. */
    record Ground(Bucket bucket, Optional<Zone> zone, Machines machines) implements AutoCloseable {
        @Override
        public void close() {
            bucket.close();
            zone.ifPresent(Zone::close);
            if (machines instanceof ProvisionedMachines reached) {
                reached.close();
            }
        }
    }

    final Ground open(FleetConfiguration fleet) {
        AwsCredentialsProvider provider = workplace.credentials().get();
        return new Ground(
                S3Bucket.open(fleet.bucket(), provider),
                fleet.dns().map(dns -> Route53Zone.open(dns, provider)),
                machines(fleet));
    }

    /** Where the archive or a key is missing here, bucket and DNS are still planned. */
    private Machines machines(FleetConfiguration fleet) {
        if (fleet.managed().isEmpty()) {
            return Machines.UNREACHED;
        }
        try {
            return ProvisionedMachines.of(fleet, workplace.programs(), workplace.environment());
        } catch (IOException missing) {
            return Machines.unusable(String.valueOf(missing.getMessage()));
        }
    }

    final Planning.World world(FleetConfiguration fleet, Ground ground, Fence fence, Consumer<String> progress) {
        return new Planning.World(
                new Publisher(
                        fleet,
                        ground.bucket(),
                        Programs.of(fleet, workplace.programs()),
                        keys.folders(),
                        workplace.clock(),
                        workplace.actor(),
                        fence,
                        progress),
                new IntentPublisher(
                        fleet,
                        ground.bucket(),
                        keys.folders(),
                        workplace.clock(),
                        workplace.actor(),
                        fence,
                        line -> {}),
                ground.zone().map(zone -> adopting(FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, fence, progress))),
                new AskedNodes(fleet, ground.bucket()),
                ground.machines());
    }

    private FleetDns adopting(FleetDns dns) {
        try {
            return dns.adopting(adopt.stream().map(DnsName::parse).collect(Collectors.toSet()));
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure("--adopt: " + wrong.getMessage(), wrong);
        }
    }

    final Result.Planned plan(FleetConfiguration fleet, Planning.World world, Limit part)
            throws IOException, InterruptedException {
        return switch (new Planning(fleet, world, workplace.clock(), rails()).plan(part, inside)) {
            case Result.Planned planned -> planned;
            case Result.Refused refused -> throw new CommandFailure("no plan can be made: " + refused.reason());
        };
    }

    static Limit limit(FleetConfiguration fleet, List<String> written) {
        if (written.isEmpty()) {
            return Limit.none(fleet);
        }
        Set<NodeId> nodes = new HashSet<>();
        written.forEach(text -> nodes.addAll(new Place.Written().convert(text).nodes(fleet)));
        return new Limit(written, nodes);
    }

    final void show(FleetPlan plan) {
        if (json) {
            plan.events().forEach(event -> out().println(JsonWriter.line(event)));
        } else {
            plan.text().forEach(out()::println);
        }
        out().flush();
    }

    /** From here on steps are shown host by host, where a terminal shows them, until it is closed. */
    final HostLines display() {
        var lines = new HostLines(out(), json ? Optional.empty() : workplace.columns());
        display = Optional.of(lines);
        return lines;
    }

    final void step(String text) {
        String line =
                json ? JsonWriter.line(JsonObject.EMPTY.with("event", "step").with("text", text)) : "  " + text;
        display.ifPresentOrElse(lines -> lines.say(line), () -> {
            out().println(line);
            out().flush();
        });
    }
}
