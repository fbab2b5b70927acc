package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.command.ProvisionedMachines.State;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.provision.Provisioning.Applied;
import dev.flotilla.controller.provision.ServingWatch;
import dev.flotilla.controller.rollout.FleetReports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla provision}: makes machines the nodes that a {@code fleet.conf} names. */
@Command(
        name = "provision",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Makes machines nodes, by SSH: installs what is missing, mends what is broken, and waits until they serve.",
        description = {
            "",
            "A machine needs sshd, a shell, tar, gzip and sha256sum, and no Java. What it has is looked at first, and only what is different"
                    + " is done; killed anywhere, the next run finishes. From then on the node's agent works by itself and takes up what"
                    + " flotilla publish publishes. One machine that fails is one line, and the others finish.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla provision --check          what would be done, and on which machine",
            "  flotilla provision",
            "  flotilla provision east west/west-2",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all of them are as they should be, and those that were changed serve",
            "1:somewhere it is not so: it stands in the output",
            "2:--check: something would be done; or wrong usage",
            "4:another controller holds the fleet's lock"
        })
public final class ProvisionCommand implements Callable<Integer> {
    private static final int CHANGES = 2;

    private final Workplace workplace;
    private final Function<String, Optional<String>> terminal;
    private Optional<HostLines> display = Optional.empty();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private NewHostKeys hostKeys = new NewHostKeys();

    @Option(names = "--check", description = "Only look, and say what would be done.")
    private boolean check;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "10",
            description = "So many machines at the same time; default: ${DEFAULT-VALUE}.")
    private int parallel = 10;

    @Parameters(
            arity = "0..*",
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "Only there. Default: everywhere.")
    private List<Place> places = new ArrayList<>();

    /**
     * The verb, ready to run.
     *
     * @param terminal asks whoever sits there; no answer where nobody does
     */
    public ProvisionCommand(Workplace workplace, Function<String, Optional<String>> terminal) {
        this.workplace = workplace;
        this.terminal = terminal;
    }

    /** How it ended for one machine. */
    private enum End {
        UNCHANGED,
        CHANGED,
        FAILED
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        if (parallel < 1) {
            throw new CommandFailure("--parallel has to be at least 1");
        }
        var nodes = Ways.nodes(fleet, places).values();
        if (!nodes.stream().allMatch(fleet::reaches)) {
            throw Ways.unknown(fleet);
        }
        if (!check) {
            hostKeys.pin(fleet, nodes, workplace.environment(), Optional.of(terminal), this::say);
        }
        try (var bucket = S3Bucket.open(fleet.bucket(), workplace.credentials().get());
                var machines = ProvisionedMachines.of(fleet, workplace.programs(), workplace.environment())) {
            machines.rootless().ifPresent(why -> {
                throw new CommandFailure(why);
            });
            if (check) {
                return code(onEach(nodes, node -> one(fleet, node, machines, bucket))
                        .values());
            }
            try (var holding =
                    locking.take(fleet, bucket, workplace.clock(), workplace.actor(), "provision", this::say)) {
                Map<NodeId, End> ends = onEach(nodes, node -> one(fleet, node, machines, bucket));
                note(
                        new AuditLog(fleet.name(), bucket, workplace.clock(), workplace.actor(), holding::generation),
                        ends);
                int code = code(ends.values());
                // Two at once do no harm on a machine: whoever lost the lock meanwhile is told, and that is all.
                holding.lost().ifPresent(why -> spec.commandLine().getErr().println("the lock was lost: " + why));
                return code;
            }
        }
    }

    private int code(Collection<End> ends) {
        long failed = ends.stream().filter(end -> end == End.FAILED).count();
        long changed = ends.stream().filter(end -> end == End.CHANGED).count();
        long unchanged = ends.size() - failed - changed;
        spec.commandLine()
                .getErr()
                .println(changed + (check ? " to change, " : " changed, ") + unchanged + " as they should be, " + failed
                        + " failed");
        return failed > 0 ? 1 : check && changed > 0 ? CHANGES : 0;
    }

    /** What was done to machines stands in the fleet's chain of records; where nothing was, nothing does. */
    private void note(AuditLog audit, Map<NodeId, End> ends) {
        List<String> changes = ends.entrySet().stream()
                .filter(entry -> entry.getValue() != End.UNCHANGED)
                .map(entry -> entry.getKey() + (entry.getValue() == End.FAILED ? " failed" : " provisioned"))
                .toList();
        if (changes.isEmpty()) {
            return;
        }
        (ends.containsValue(End.FAILED)
                        ? audit.notDone("provision", "not on all machines", changes)
                        : audit.done("provision", Optional.empty(), changes))
                .ifPresent(this::say);
    }

    private Map<NodeId, End> onEach(Collection<Node> nodes, EachNode.Work<End> work)
            throws IOException, InterruptedException {
        // What a check finds is to be read, and not to be rewritten.
        var lines = new HostLines(spec.commandLine().getOut(), check ? Optional.empty() : workplace.columns());
        display = Optional.of(lines);
        try (lines) {
            return new EachNode(parallel).take(nodes, node -> {
                try {
                    return work.on(node);
                } catch (IOException failed) {
                    say(node.id() + ": FAILED, " + failed.getMessage());
                    return End.FAILED;
                }
            });
        }
    }

    private End one(FleetConfiguration fleet, Node node, ProvisionedMachines machines, Bucket bucket)
            throws IOException, InterruptedException {
        Consumer<String> told = line -> say(node.id() + ": " + line);
        State.Seen state;
        switch (machines.state(node)) {
            case State.Hidden hidden -> {
                told.accept("FAILED, " + hidden.reason());
                return End.FAILED;
            }
            case State.Seen seen -> state = seen;
        }
        state.lines().forEach(line -> told.accept(line.sign() + " " + line.text()));
        if (state.lines().isEmpty()) {
            told.accept("as it should be");
            return End.UNCHANGED;
        }
        if (check) {
            return End.CHANGED;
        }
        var watch = new ServingWatch(
                () -> FleetReports.read(fleet, node.id(), bucket),
                fleet.provision().serveTimeOut());
        var before = watch.last();
        switch (machines.apply(node, state, line -> told.accept("  " + line))) {
            case Applied.Failed failed -> {
                told.accept("FAILED, " + failed.reason());
                return End.FAILED;
            }
            case Applied.Done done -> told.accept("installed; waiting until it serves");
        }
        return switch (watch.await(before)) {
            case ServingWatch.Seen.Serving serving -> {
                told.accept("serves with release " + serving.release());
                yield End.CHANGED;
            }
            case ServingWatch.Seen.NotServing not -> {
                told.accept("FAILED, " + not.reason());
                yield End.FAILED;
            }
        };
    }

    private void say(String line) {
        display.ifPresentOrElse(lines -> lines.say(line), () -> {
            var out = spec.commandLine().getOut();
            out.println(line);
            out.flush();
        });
    }
}
