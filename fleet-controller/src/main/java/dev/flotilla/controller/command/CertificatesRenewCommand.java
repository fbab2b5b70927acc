package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.certificates.AcmeIssuer;
import dev.flotilla.controller.certificates.CertificateFolder;
import dev.flotilla.controller.certificates.Standing;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla certificates renew}: has certificates issued where they are due. */
@Command(
        name = "renew",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Has certificates issued that are missing, don't fit their names, or have less than a third of their life left.",
        description = {
            "",
            "Does nothing where nothing is due, so that it can be run every day. Where one can't be had, the one before stays.",
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
            "0:nothing is due any more",
            "1:one couldn't be had; the message says why and what to do",
            "2:wrong usage",
            "4:another controller changes the fleet now"
        })
public final class CertificatesRenewCommand implements Callable<Integer> {
    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;

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

    public CertificatesRenewCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        CertificateSettings settings = CertificatesCommand.settings(fleet);
        var folder = new CertificateFolder(settings.folder());
        PrintWriter out = spec.commandLine().getOut();
        Consumer<String> progress = json ? ignored -> {} : step -> out.println("  " + step);
        List<RegionName> regions = regions(fleet);
        Map<RegionName, String> issued = new LinkedHashMap<>();
        Map<RegionName, String> failed = new LinkedHashMap<>();
        if (!due(fleet, folder, regions).isEmpty()) {
            try (Bucket bucket = S3Bucket.open(fleet.bucket(), credentials.get());
                    var lock = locking.take(fleet, bucket, clock, actor, "certificates renew", progress);
                    var zone = Route53Zone.open(fleet.dns().orElseThrow(), credentials.get())) {
                var keeper = FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, lock, progress);
                var issuer = new AcmeIssuer(settings, folder, keeper.challenges(), clock, progress);
                try {
                    // Judged anew: the controller that was waited for may have renewed them.
                    for (RegionName region : due(fleet, folder, regions)) {
                        progress.accept(region + ": asking " + settings.directory());
                        boolean goOn = renew(fleet, folder, issuer, region, lock, issued, failed);
                        if (!goOn) {
                            break;
                        }
                    }
                } finally {
                    if (!issued.isEmpty()) {
                        List<String> lines = new ArrayList<>();
                        issued.forEach((region, line) -> lines.add("certificate of " + region + ", " + line));
                        new AuditLog(fleet.name(), bucket, clock, actor, lock::generation)
                                .done("certificates renew", Optional.empty(), lines)
                                .ifPresent(progress);
                    }
                }
            }
        }
        tell(out, issued, failed);
        return failed.isEmpty() ? 0 : CommandFailure.FAILED;
    }

    private boolean renew(
            FleetConfiguration fleet,
            CertificateFolder folder,
            AcmeIssuer issuer,
            RegionName region,
            Fence fence,
            Map<RegionName, String> issued,
            Map<RegionName, String> failed)
            throws IOException, InterruptedException {
        var names = CertificatesCommand.names(fleet, region);
        return switch (issuer.issue(names)) {
            case AcmeIssuer.Issuance.Issued got -> {
                // Whoever has the lock now writes to the folder, too.
                Optional<String> lost = fence.lost();
                if (lost.isPresent()) {
                    failed.put(region, lost.get());
                    yield false;
                }
                folder.replace(region, got.key(), got.chain());
                issued.put(
                        region, folder.standing(region, names, clock.instant()).line());
                yield true;
            }
            case AcmeIssuer.Issuance.Failed not -> {
                failed.put(region, not.reason());
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
            Standing standing = folder.standing(region, CertificatesCommand.names(fleet, region), clock.instant());
            if (force || !(standing instanceof Standing.Good)) {
                due.add(region);
            }
        }
        return due;
    }

    private void tell(PrintWriter out, Map<RegionName, String> issued, Map<RegionName, String> failed) {
        if (json) {
            var renewed = JsonObject.EMPTY;
            for (var entry : issued.entrySet()) {
                renewed = renewed.with(entry.getKey().value(), entry.getValue());
            }
            var not = JsonObject.EMPTY;
            for (var entry : failed.entrySet()) {
                not = not.with(entry.getKey().value(), entry.getValue());
            }
            out.println(
                    JsonWriter.text(JsonObject.EMPTY.with("renewed", renewed).with("failed", not)));
        } else if (issued.isEmpty() && failed.isEmpty()) {
            out.println("Nothing is due.");
        }
        if (!json) {
            issued.forEach((region, line) -> out.println("Renewed: " + region + ", " + line + "."));
        }
        failed.forEach((region, why) ->
                spec.commandLine().getErr().println("flotilla: " + region + ": what it had stays: " + why));
    }
}
