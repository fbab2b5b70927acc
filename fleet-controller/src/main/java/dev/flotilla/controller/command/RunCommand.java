package dev.flotilla.controller.command;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla run}: runs a command on the fleet's machines. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Runs a command on all machines of a fleet, or on some, by SSH.",
        description = {
            "",
            "For looking, not for changing: what nodes should be stands in fleet.conf. The command's words are handed on as they are; for"
                    + " pipes and variables name a shell. It gets no input. Each line of output is shown behind its node once the command"
                    + " has ended there: '|' is standard output, '!' is standard error.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla run -- uptime",
            "  flotilla run --on east -- df -h /var/lib/flotilla",
            "  flotilla run --on east/east-1 -- sh -c 'tail -n 20 /var/log/syslog | grep flotilla'",
            "  flotilla run --json -- uname -r | jq -r '.node + \" \" + .out'",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it ended with 0 everywhere",
            "1:somewhere it did not, or nobody knows: it stands in the output",
            "2:wrong usage"
        })
public final class RunCommand implements Callable<Integer> {
    private static final double MILLIS_PER_SECOND = 1000;

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(
            names = "--on",
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "Only there; can be given several times. Default: everywhere.")
    private List<Place> places = new ArrayList<>();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "1m",
            converter = WrittenDuration.class,
            description = "Wait no longer than this for each machine; default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofMinutes(1);

    @Option(names = "--json", description = "A line of JSON for each node, in the order in which they end.")
    private boolean json;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command and its arguments, after --.")
    private List<String> words = new ArrayList<>();

    /** {@code environment} may name an SSH agent. */
    public RunCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    private record Answer(NodeId node, Outcome outcome) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        var command = new MachineCommand(words);
        var nodes = Ways.nodes(fleet, places).values();
        int right = 0;
        try (var fabrics = Ways.to(nodes, fleet, environment);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ExecutorCompletionService<Answer>(threads);
            nodes.forEach(node -> answers.submit(
                    () -> new Answer(node.id(), fabrics.site(node).login().run(command, timeout))));
            for (int i = 0; i < nodes.size(); i++) {
                Answer answer = answers.take().get();
                show(answer);
                right += answer.outcome() instanceof Outcome.Ended ended && ended.exitCode() == 0 ? 1 : 0;
            }
        } catch (ExecutionException bug) {
            throw new IllegalStateException("running a command", bug.getCause());
        }
        if (!json) {
            spec.commandLine().getErr().println(right + " of " + nodes.size() + " ended with 0");
        }
        return right == nodes.size() ? 0 : 1;
    }

    private void show(Answer answer) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JsonWriter.line(json(answer)) : text(answer));
        out.flush();
    }

    private static String text(Answer answer) {
        String node = answer.node().toString();
        return switch (answer.outcome()) {
            case Outcome.Ended ended -> {
                var text = new StringBuilder();
                ended.outText().lines().forEach(line -> text.append(node + " | " + line + "\n"));
                ended.errorText().lines().forEach(line -> text.append(node + " ! " + line + "\n"));
                yield text + node + ": exit code " + ended.exitCode() + " after " + seconds(ended.time())
                        + (ended.whole() ? "" : "; not all of its output is here");
            }
            case Outcome.Failed failed -> node + ": FAILED, " + failed.text();
        };
    }

    private static JsonObject json(Answer answer) {
        var node = JsonObject.EMPTY.with("node", answer.node().toString());
        return switch (answer.outcome()) {
            case Outcome.Ended ended ->
                node.with("exitCode", ended.exitCode())
                        .with("out", ended.outText())
                        .with("error", ended.errorText())
                        .with("whole", ended.whole())
                        .with("millis", ended.time().toMillis());
            case Outcome.Failed failed ->
                node.with("exitCode", new Json.Nothing())
                        .with("reason", failed.reason().name().toLowerCase(Locale.ROOT))
                        .with("problem", failed.text());
        };
    }

    private static String seconds(Duration time) {
        return "%.1f s".formatted(time.toMillis() / MILLIS_PER_SECOND);
    }
}
