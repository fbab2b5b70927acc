package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.certificates.AcmeIssuer;
import dev.flotilla.controller.certificates.CertificateFolder;
import dev.flotilla.controller.certificates.Standing;
import dev.flotilla.controller.command.ProvisionedMachines.Certified;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla certificates renew}: has certificates issued where they are due, and brings them to nodes. */
@Command(
        name = "renew",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Has certificates issued that are missing, don't fit their names, or have less than a third of their life left, and brings them to the nodes.",
        description = {
            "",
            "Does nothing where nothing is due, so that it can be run every day. Where one can't be had, the one before stays. Nodes whose"
                    + " mirror has tls { … } without a certificate of its own get their region's, over the way that provision goes; mirrors"
                    + " take it up while they serve. A node that isn't come to is one line, and the next run makes up for it.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla certificates renew",
            "  flotilla certificates renew east --force      a new one and a new key, whatever life the one before has left",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing is due any more, and every node has its region's",
            "1:one couldn't be had or brought; the message says why and what to do",
            "2:wrong usage",
            "4:another controller changes the fleet now"
        })
public final class CertificatesRenewCommand implements Callable<Integer> {
    /** Bringing one takes a machine a second or two, most of which it computes digests. */
    private static final EachNode BRINGING = new EachNode(10);

    private final Workplace workplace;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private Locking locking = new Locking();

    @Parameters(paramLabel = "REGION", arity = "0..*", description = "Only of these regions; default: all.")
    private List<String> wanted = List.of();

    @Option(names = "--force", description = "Also those that aren't due. ACME servers count: don't make it a habit.")
    private boolean force;

    @Option(names = "--json", description = "Say what came of it as one JSON object.")
    private boolean json;

    public CertificatesRenewCommand(Workplace workplace) {
        this.workplace = workplace;
    }

    /** What was done and what couldn't be. */
    private record Result(
            Map<RegionName, String> issued,
            Map<RegionName, String> failed,
            List<NodeId> brought,
            Map<NodeId, String> unbrought) {
        Result() {
            this(new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>(), new TreeMap<>());
        }

        boolean isNothing() {
            return issued.isEmpty() && failed.isEmpty() && brought.isEmpty() && unbrought.isEmpty();
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            issued.forEach((region, line) -> lines.add("certificate of " + region + ", " + line));
            brought.forEach(node -> lines.add(node + " has the certificate of its region"));
            return lines;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        CertificateSettings settings = CertificatesCommand.settings(fleet);
        var folder = new CertificateFolder(settings.folder());
        PrintWriter out = spec.commandLine().getOut();
        Consumer<String> progress = json ? ignored -> {} : step -> out.println("  " + step);
        List<RegionName> regions = regions(fleet);
        List<Node> nodes = fleet.managed().stream()
                .filter(node -> node.issued() && regions.contains(node.id().region()))
                .toList();
        var result = new Result();
        if (nodes.isEmpty()) {
            if (!due(fleet, folder, regions).isEmpty()) {
                work(fleet, folder, regions, Optional.empty(), nodes, result, progress);
            }
        } else {
            try (var machines = ProvisionedMachines.of(fleet, workplace.programs(), workplace.environment())) {
                if (!due(fleet, folder, regions).isEmpty()
                        || BRINGING.take(nodes, machines::lacksCertificate).containsValue(true)) {
                    work(fleet, folder, regions, Optional.of(machines), nodes, result, progress);
                }
            }
        }
        tell(out, result);
        return result.failed().isEmpty() && result.unbrought().isEmpty() ? 0 : CommandFailure.FAILED;
    }

    private void work(
            FleetConfiguration fleet,
            CertificateFolder folder,
            List<RegionName> regions,
            Optional<ProvisionedMachines> machines,
            List<Node> nodes,
            Result result,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        var credentials = workplace.credentials().get();
        try (Bucket bucket = S3Bucket.open(fleet.bucket(), credentials);
                var lock = locking.take(
                        fleet, bucket, workplace.clock(), workplace.actor(), "certificates renew", progress)) {
            try {
                // Judged anew: the controller that was waited for may have renewed them.
                List<RegionName> due = due(fleet, folder, regions);
                if (!due.isEmpty()) {
                    issue(fleet, folder, due, lock, result, progress);
                }
                if (machines.isPresent()) {
                    bring(machines.get(), nodes, result, progress);
                }
            } finally {
                if (!result.lines().isEmpty()) {
                    new AuditLog(fleet.name(), bucket, workplace.clock(), workplace.actor(), lock::generation)
                            .done("certificates renew", Optional.empty(), result.lines())
                            .ifPresent(progress);
                }
            }
        }
    }

    private void issue(
            FleetConfiguration fleet,
            CertificateFolder folder,
            List<RegionName> due,
            Fence fence,
            Result result,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        CertificateSettings settings = CertificatesCommand.settings(fleet);
        DnsSettings dns = fleet.dns().orElseThrow();
        var credentials = workplace.credentials().get();
        DnsName challengeZone = settings.challengeZone().orElse(dns.zone());
        try (var zone = Route53Zone.open(dns, credentials);
                var other = Route53Zone.open(dns, challengeZone, credentials)) {
            var keeper = FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, fence, progress);
            var challenges = settings.challengeZone().isPresent()
                    ? keeper.challenges(challengeZone, other)
                    : keeper.challenges();
            var issuer = new AcmeIssuer(settings, folder, challenges, workplace.clock(), progress);
            for (RegionName region : due) {
                progress.accept(region + ": asking " + settings.directory());
                if (!renew(fleet, folder, issuer, region, fence, result)) {
                    return;
                }
            }
        }
    }

    private static void bring(ProvisionedMachines machines, List<Node> nodes, Result result, Consumer<String> progress)
            throws IOException, InterruptedException {
        Map<NodeId, Certified> ends = BRINGING.take(nodes, node -> {
            try {
                return machines.certify(node, line -> progress.accept(node.id() + ": " + line));
            } catch (IOException failed) {
                return new Certified.Failed(String.valueOf(failed.getMessage()));
            }
        });
        ends.forEach((node, end) -> {
            switch (end) {
                case Certified.Already ignored -> {}
                case Certified.Brought ignored -> result.brought().add(node);
                case Certified.Failed failed -> result.unbrought().put(node, failed.reason());
            }
        });
    }

    private boolean renew(
            FleetConfiguration fleet,
            CertificateFolder folder,
            AcmeIssuer issuer,
            RegionName region,
            Fence fence,
            Result result)
            throws IOException, InterruptedException {
        var names = CertificatesCommand.names(fleet, region);
        return switch (issuer.issue(names)) {
            case AcmeIssuer.Issuance.Issued got -> {
                // Whoever has the lock now writes to the folder, too.
                Optional<String> lost = fence.lost();
                if (lost.isPresent()) {
                    result.failed().put(region, lost.get());
                    yield false;
                }
                folder.replace(region, got.key(), got.chain());
                result.issued()
                        .put(
                                region,
                                folder.standing(region, names, workplace.clock().instant())
                                        .line());
                yield true;
            }
            case AcmeIssuer.Issuance.Failed not -> {
                result.failed().put(region, not.reason());
                yield !not.hammering();
            }
        };
    }

    private List<RegionName> regions(FleetConfiguration fleet) {
        List<RegionName> all = fleet.regions().stream().map(Region::name).toList();
        for (String name : wanted) {
            if (all.stream().noneMatch(region -> region.value().equals(name))) {
                throw new CommandFailure("no region " + name + ": there are "
                        + String.join(", ", all.stream().map(RegionName::value).toList()));
            }
        }
        return wanted.isEmpty()
                ? all
                : all.stream().filter(region -> wanted.contains(region.value())).toList();
    }

    private List<RegionName> due(FleetConfiguration fleet, CertificateFolder folder, List<RegionName> regions)
            throws IOException {
        List<RegionName> due = new ArrayList<>();
        for (RegionName region : regions) {
            Standing standing = folder.standing(
                    region,
                    CertificatesCommand.names(fleet, region),
                    workplace.clock().instant());
            if (force || !(standing instanceof Standing.Good)) {
                due.add(region);
            }
        }
        return due;
    }

    private void tell(PrintWriter out, Result result) {
        PrintWriter err = spec.commandLine().getErr();
        if (json) {
            out.println(JsonWriter.text(JsonObject.EMPTY
                    .with("renewed", object(result.issued()))
                    .with("failed", object(result.failed()))
                    .with(
                            "brought",
                            new Json.Sequence(result.brought().stream()
                                    .<Json>map(node -> new Json.Text(node.toString()))
                                    .toList()))
                    .with("unbrought", object(result.unbrought()))));
        } else if (result.isNothing()) {
            out.println("Nothing is due.");
        } else {
            result.issued().forEach((region, line) -> out.println("Renewed: " + region + ", " + line + "."));
            result.brought().forEach(node -> out.println("Brought to " + node + "."));
        }
        result.failed().forEach((region, why) -> err.println("flotilla: " + region + ": what it had stays: " + why));
        result.unbrought().forEach((node, why) -> err.println("flotilla: " + node + ": what it has stays: " + why));
    }

    private static JsonObject object(Map<?, String> texts) {
        JsonObject object = JsonObject.EMPTY;
        for (Map.Entry<?, String> text : texts.entrySet()) {
            object = object.with(String.valueOf(text.getKey()), text.getValue());
        }
        return object;
    }
}
