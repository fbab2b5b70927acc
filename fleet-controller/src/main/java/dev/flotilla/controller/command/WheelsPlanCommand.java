package dev.flotilla.controller.command;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.PrivateNames;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.plan.SdistLog;
import dev.flotilla.controller.wheels.plan.SeenSdist;
import dev.flotilla.controller.wheels.plan.WheelPlan;
import dev.flotilla.controller.wheels.plan.WheelPlanner;
import dev.flotilla.controller.wheels.plan.WheelPlanner.Outcome;
import dev.flotilla.vocabulary.PlatformSlug;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code flotilla wheels plan}: which wheels jobs lack. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows which wheels are to be built, and why. Builds nothing, and runs nothing of any project.",
        description = {
            "",
            "Reads the files of each branch in fleet.conf, asks an index for pages and metadata, and decides for each Python of each platform:"
                    + " whether upstream has a wheel that fits, whether one is built already, whether there is an sdist of which the digest is"
                    + " known. What a version requires that only a build can tell is said.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla wheels plan",
            "  flotilla wheels plan --platform debian-12-x86_64 --branch main --out wanted.json",
            "  flotilla wheels plan --from-mirrors",
            "  flotilla wheels plan --json | jq -r 'select(.state == \"impossible\") | .project + \": \" + .reason'",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing is to be built",
            "1:no plan can be made, or nothing is to be built as far as could be found out. The message says why",
            "2:something is to be built; or wrong usage"
        })
public final class WheelsPlanCommand implements Callable<Integer> {
    private static final int CHANGES = 2;
    private static final int KNOCK_MILLIS = 2_000;

    private final Workplace workplace;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "Only for it; can be given several times.")
    private List<String> platforms = new ArrayList<>();

    @Option(names = "--branch", paramLabel = "BRANCH", description = "Only what it needs; can be given several times.")
    private List<String> branches = new ArrayList<>();

    @Option(
            names = "--index",
            paramLabel = "URL",
            description =
                    "Ask this index; default: the first of the fleet's mirrors that answers. What was built is known to mirrors alone.")
    private @Nullable URI index;

    @Option(
            names = "--from-mirrors",
            description =
                    "Plan, too, what clients have downloaded as sdists, as the mirrors' operations listeners tell it.")
    private boolean fromMirrors;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "Write there what is to be built, as wheels build takes it.")
    private @Nullable Path saved;

    @Option(
            names = "--json",
            description = "A line of JSON for each wheel that is needed, each remark and each platform.")
    private boolean json;

    /** The verb, ready to run. */
    public WheelsPlanCommand(Workplace workplace) {
        this.workplace = workplace;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        WheelsSettings wheels = fleet.wheels()
                .orElseThrow(
                        () -> new CommandFailure(
                                "fleet.conf builds no wheels: write wheels { branches { … }, platforms { … }, builders { … } }"));
        var scope = new WheelPlanner.Scope(platforms(wheels), branches(wheels));
        Optional<List<SeenSdist>> seen = fromMirrors ? Optional.of(seen(fleet)) : Optional.empty();
        try (var planner = planner(fleet, wheels)) {
            WheelPlan plan = switch (planner.plan(scope, seen)) {
                case Outcome.Planned(WheelPlan made) -> made;
                case Outcome.Refused(List<String> problems) ->
                    throw new CommandFailure((problems.size() == 1 ? "one problem" : problems.size() + " problems")
                            + " in the files of branches:\n" + String.join("\n", problems));
            };
            progress("");
            show(plan);
            if (saved != null) {
                Disk.replace(saved.toAbsolutePath(), plan.wanted().toBytes());
            }
            return plan.isEmpty() ? (plan.isPartial() ? CommandFailure.FAILED : 0) : CHANGES;
        }
    }

    private WheelPlanner planner(FleetConfiguration fleet, WheelsSettings wheels) {
        URI asked = index == null ? answering(fleet) : index;
        try {
            PrivateNames names = PrivateNames.of(fleet);
            return new WheelPlanner(
                    wheels, asked, SimpleIndex.Limits.USUAL, names::have, workplace.clock(), this::progress);
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static URI answering(FleetConfiguration fleet) {
        for (Node node : fleet.nodes()) {
            URI at = node.readiness().resolve("/simple/");
            try (var socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(at.getHost().replaceAll("[\\[\\]]", ""), at.getPort()), KNOCK_MILLIS);
                return at;
            } catch (IOException silent) {
                // The next one may answer.
            }
        }
        throw new CommandFailure(
                "none of the fleet's mirrors answers from here: name an index with --index URL, such as a mirror's /simple/");
    }

    private List<SeenSdist> seen(FleetConfiguration fleet) throws InterruptedException {
        SdistLog.Reading reading = SdistLog.read(fleet.nodes().stream()
                .map(node -> URI.create("http://" + node.operationsHost() + ":" + node.operationsPort() + "/sdists"))
                .toList());
        reading.failures().forEach(failure -> spec.commandLine().getErr().println("flotilla: " + failure));
        if (reading.seen().isEmpty()
                && reading.failures().size() == fleet.nodes().size()) {
            throw new CommandFailure(
                    "no mirror told what it has seen: its operations listener has to be reachable from here, or leave"
                            + " --from-mirrors out");
        }
        return reading.seen();
    }

    private Set<PlatformSlug> platforms(WheelsSettings wheels) {
        Set<PlatformSlug> chosen = new HashSet<>();
        for (String text : platforms) {
            chosen.add(PlatformSlug.parse(text)
                    .filter(wheels.platforms()::containsKey)
                    .orElseThrow(() -> new CommandFailure("fleet.conf builds for no platform " + text + ": there are "
                            + names(wheels.platforms().keySet()))));
        }
        return chosen.isEmpty() ? wheels.platforms().keySet() : chosen;
    }

    private Set<String> branches(WheelsSettings wheels) {
        for (String branch : branches) {
            if (!wheels.branches().containsKey(branch)) {
                throw new CommandFailure("fleet.conf has no branch " + branch + ": there are "
                        + names(wheels.branches().keySet()));
            }
        }
        return branches.isEmpty() ? wheels.branches().keySet() : Set.copyOf(branches);
    }

    private static String names(Set<?> names) {
        return String.join(", ", names.stream().map(String::valueOf).sorted().toList());
    }

    private void show(WheelPlan plan) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            plan.events().forEach(event -> out.println(JsonWriter.line(event)));
        } else {
            plan.text().forEach(out::println);
        }
        out.flush();
    }

    /** One line that is written over, on a terminal only: what is shown in the end says all. */
    private void progress(String text) {
        if (!json) {
            workplace.columns().ifPresent(columns -> {
                PrintWriter out = spec.commandLine().getErr();
                out.print("\r\u001b[K" + text.substring(0, Math.min(text.length(), columns - 1)));
                out.flush();
            });
        }
    }
}
