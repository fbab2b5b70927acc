package dev.flotilla.controller.command;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fabric.BuilderMachines;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.controller.wheels.build.WheelBuilds;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flotilla wheels build}: builds on the fleet's builders what was planned. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Builds wheels of sdists, in sandboxes on the fleet's builders.",
        description = {
            "",
            "Nothing of an sdist runs outside of its sandbox, which has no network and sees nothing of its machine but programs and libraries."
                    + " What comes out counts only after it was checked here. One that fails keeps no other waiting. What is there already is not"
                    + " built again: a run that was ended is gone on with by the next.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla wheels plan --out wanted.json",
            "  flotilla wheels build --plan wanted.json --out wheels",
            "  flotilla wheels build --plan wanted.json --only numpy --platform debian-12-x86_64",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is built, now or before", "1:something is not; it stands in the output", "2:wrong usage"
        })
public final class WheelsBuildCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_AT_ONCE = 256;

    private final Clock clock;
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            defaultValue = "wanted.json",
            description = "What flotilla wheels plan --out has written; default: ./${DEFAULT-VALUE}.")
    private Path plan = Path.of("wanted.json");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "wheels",
            description = "Where wheels go, with what is known of them, and logs; default: ./${DEFAULT-VALUE}.")
    private Path out = Path.of("wheels");

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "Only for it; can be given several times.")
    private List<String> platforms = new ArrayList<>();

    @Option(names = "--only", paramLabel = "PROJECT", description = "Only of it; can be given several times.")
    private List<String> projects = new ArrayList<>();

    @Option(
            names = "--parallel",
            paramLabel = "COUNT",
            defaultValue = "8",
            description =
                    "So many builds at a time, on all builders together; default: ${DEFAULT-VALUE}. Each has a bound of its own in"
                            + " fleet.conf.")
    private int parallel = 8;

    @Option(names = "--once", description = "Does not build each a second time to see whether it comes out the same.")
    private boolean once;

    @Option(names = "--json", description = "What came of it as JSON.")
    private boolean json;

    /** {@code environment} may name an SSH agent. */
    public WheelsBuildCommand(Clock clock, Map<String, String> environment) {
        this.clock = clock;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Integer call() throws IOException {
        if (parallel < 1 || parallel > MOST_AT_ONCE) {
            throw new ParameterException(spec.commandLine(), "--parallel has to be 1 to " + MOST_AT_ONCE);
        }
        FleetConfiguration fleet = file.read();
        WheelsSettings settings = WheelsCommand.settings(fleet);
        WantedWheels planned = WheelsCommand.plan(plan);
        List<WantedWheel> wanted = chosen(planned, settings);
        try (var signals = Signals.listen(PATIENCE);
                var machines = BuilderMachines.open(
                        fleet,
                        settings.platforms().values().stream()
                                .map(settings::builderOf)
                                .toList(),
                        environment);
                var index = new SimpleIndex(planned.index(), SimpleIndex.Limits.USUAL)) {
            signals.exitCode(CommandFailure.FAILED);
            PrintWriter error = spec.commandLine().getErr();
            WheelBuilds.Summary summary = new WheelBuilds(
                            settings,
                            machines::machine,
                            index,
                            new BuildFolder(out.toAbsolutePath()),
                            new WheelBuilds.Manner(parallel, !once),
                            clock,
                            line -> {
                                error.println(line);
                                error.flush();
                            })
                    .run(wanted);
            show(summary);
            int code = summary.failed().isEmpty() && summary.unready().isEmpty() ? 0 : CommandFailure.FAILED;
            signals.exitCode(code);
            return code;
        } catch (InterruptedException ended) {
            throw new CommandFailure("ended; what is built is in " + out + ", and the same command goes on");
        }
    }

    private List<WantedWheel> chosen(WantedWheels planned, WheelsSettings settings) {
        List<PlatformSlug> slugs = platforms.stream()
                .map(text -> WheelsCommand.platform(text, settings))
                .toList();
        List<ProjectName> names = projects.stream()
                .map(text -> {
                    if (!ProjectName.isValid(text)) {
                        throw new CommandFailure("'" + text + "' is no project's name");
                    }
                    return ProjectName.of(text);
                })
                .toList();
        List<WantedWheel> chosen = planned.wheels().stream()
                .filter(one -> slugs.isEmpty() || slugs.contains(one.platform()))
                .filter(one -> names.isEmpty() || names.contains(one.sdist().project()))
                .toList();
        for (WantedWheel one : chosen) {
            if (!settings.platforms().containsKey(one.platform())
                    || !settings.platforms().get(one.platform()).pythons().contains(one.interpreter())) {
                throw new CommandFailure(plan + " wants wheels for CPython " + one.interpreter() + " on "
                        + one.platform() + ", which fleet.conf doesn't have: plan again");
            }
        }
        return chosen;
    }

    private void show(WheelBuilds.Summary summary) {
        PrintWriter output = spec.commandLine().getOut();
        if (json) {
            output.println(JsonWriter.line(JsonObject.EMPTY
                    .with(
                            "built",
                            sequence(summary.built().stream()
                                    .map(WheelDocuments::json)
                                    .toList()))
                    .with(
                            "already",
                            sequence(summary.already().stream()
                                    .map(WheelDocuments::json)
                                    .toList()))
                    .with(
                            "failed",
                            sequence(summary.failed().stream()
                                    .map(WheelDocuments::json)
                                    .toList()))
                    .with("unready", unready(summary))));
        } else {
            output.println(
                    summary.built().size() + " built, " + summary.already().size() + " there already, "
                            + summary.failed().size() + " failed"
                            + (summary.unready().isEmpty()
                                    ? ""
                                    : ", nothing built on " + summary.unready().keySet()));
        }
        output.flush();
    }

    private static JsonObject unready(WheelBuilds.Summary summary) {
        JsonObject unready = JsonObject.EMPTY;
        for (var builder : summary.unready().entrySet()) {
            unready = unready.with(
                    builder.getKey().toString(),
                    new Json.Sequence(builder.getValue().stream()
                            .<Json>map(Json.Text::new)
                            .toList()));
        }
        return unready;
    }

    private static Json sequence(List<JsonObject> objects) {
        return new Json.Sequence(objects.stream().<Json>map(one -> one).toList());
    }
}
