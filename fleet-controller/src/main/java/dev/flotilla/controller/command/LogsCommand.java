package dev.flotilla.controller.command;

import dev.flotilla.controller.fabric.Site;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.provision.NodeLog;
import dev.flotilla.controller.provision.NodeLog.Program;
import dev.flotilla.controller.provision.NodeLog.Reading;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla logs}: what a node's agent and mirror say. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows what the agent and the mirror of a node have said, by SSH.",
        description = {
            "",
            "The agent's from systemd's journal, or from its file where no systemd runs; the mirror's from the file that the agent keeps for"
                    + " it. Without --agent or --mirror both are shown, one after the other, each line behind its program's name.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla logs east/east-1",
            "  flotilla logs east/east-1 --mirror --since 10m",
            "  flotilla logs east/east-1 --follow          until Ctrl-C",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:shown",
            "1:a log is missing or can't be read: it stands in the output",
            "2:wrong usage",
            "130:--follow was ended by Ctrl-C"
        })
public final class LogsCommand implements Callable<Integer> {
    private static final Duration READING = Duration.ofSeconds(30);
    private static final Duration BETWEEN_READINGS = Duration.ofSeconds(1);
    private static final int ALL_LINES = 1_000_000;

    private final Clock clock;
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--agent", description = "Only the agent's.")
    private boolean agent;

    @Option(names = "--mirror", description = "Only the mirror's.")
    private boolean mirror;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "The last N lines of each; default: 100, with --since all. Of very much, the last 700 kB.")
    private @Nullable Integer lines;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = WrittenDuration.class,
            description = "Nothing older than this, such as 10m or 2h, by this machine's clock.")
    private @Nullable Duration since;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is said from now on. A node that is away is asked until it is back.")
    private boolean follow;

    @Parameters(arity = "1", paramLabel = "REGION/NODE", converter = Place.Written.class, description = "The node.")
    private @Nullable Place place;

    /** {@code environment} may name an SSH agent. */
    public LogsCommand(Clock clock, Map<String, String> environment) {
        this.clock = clock;
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException {
        if (lines != null && lines < 1) {
            throw new CommandFailure("--lines has to be at least 1");
        }
        FleetConfiguration fleet = file.read();
        Node node = node(fleet);
        try (var fabrics = Ways.to(List.of(node), fleet, environment)) {
            Site site = fabrics.site(node);
            Map<Program, NodeLog> logs = new EnumMap<>(Program.class);
            for (Program program : programs()) {
                logs.put(program, new NodeLog(site.asRoot(), site.root(), program, READING));
            }
            return shown(node.id(), logs);
        } catch (InterruptedException ended) {
            return 0;
        }
    }

    private Node node(FleetConfiguration fleet) {
        List<Node> named = List.copyOf(
                Ways.nodes(fleet, place == null ? List.of() : List.of(place)).values());
        if (named.size() != 1) {
            throw new CommandFailure(place + " has " + named.size() + " nodes, and logs are one node's: name "
                    + named.stream().map(node -> node.id().toString()).collect(Collectors.joining(" or ")));
        }
        return named.getFirst();
    }

    private List<Program> programs() {
        List<Program> programs = new ArrayList<>();
        if (agent || !mirror) {
            programs.add(Program.AGENT);
        }
        if (mirror || !agent) {
            programs.add(Program.MIRROR);
        }
        return programs;
    }

    private int shown(NodeId node, Map<Program, NodeLog> logs) throws InterruptedException {
        int most = lines != null ? lines : since != null ? ALL_LINES : 100;
        Optional<Instant> from = Optional.ofNullable(since).map(clock.instant()::minus);
        Map<Program, String> said = new EnumMap<>(Program.class);
        int problems = 0;
        while (true) {
            for (Map.Entry<Program, NodeLog> log : logs.entrySet()) {
                Program program = log.getKey();
                Optional<String> problem = switch (log.getValue().read(most, from)) {
                    case Reading.Lines read -> {
                        show(logs.size() > 1 ? "%-6s | ".formatted(program) : "", read.lines());
                        yield Optional.empty();
                    }
                    case Reading.NoLog(String missing) ->
                        Optional.of(node + ": the " + program + " has said nothing yet: there is no " + missing
                                + ". See flotilla plan");
                    case Reading.Failed failed -> Optional.of(node + ": " + failed.reason());
                };
                if (problem.isPresent() && !problem.equals(Optional.ofNullable(said.get(program)))) {
                    problems++;
                    spec.commandLine().getErr().println(problem.get());
                }
                said.remove(program);
                problem.ifPresent(why -> said.put(program, why));
            }
            if (!follow) {
                return problems > 0 ? CommandFailure.FAILED : 0;
            }
            Thread.sleep(BETWEEN_READINGS);
        }
    }

    private void show(String prefix, List<String> read) {
        PrintWriter out = spec.commandLine().getOut();
        read.forEach(line -> out.println(prefix + line));
        out.flush();
    }
}
