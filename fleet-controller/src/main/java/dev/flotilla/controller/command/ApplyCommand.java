package dev.flotilla.controller.command;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.fleet.EachNode;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.lock.Holding;
import dev.flotilla.controller.plan.Applying;
import dev.flotilla.controller.plan.FleetPlan;
import dev.flotilla.controller.plan.PlanLine;
import dev.flotilla.controller.plan.Planning.Limit;
import dev.flotilla.controller.plan.Planning.Result;
import dev.flotilla.controller.plan.Planning.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flotilla apply}: has the fleet be as {@code fleet.conf} says. */
@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Does what plan shows: publishes, makes machines nodes, and keeps DNS; or what a saved plan says, or nothing.",
        description = {
            "",
            "Without a file it plans, shows the plan and asks, on a terminal only. Under the fleet's lock it looks once more: if the world"
                    + " has moved since the plan was made, nothing is done. A node enters DNS only when it serves. Killed anywhere, the next"
                    + " apply finishes.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla apply",
            "  flotilla apply --yes --json           for scripts",
            "  flotilla apply --accept-host-key      with machines that are gone to for the first time, in a network that is trusted",
            "  flotilla apply tonight.plan           what flotilla plan -o has saved",
            "  flotilla apply --check                as plan does",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the fleet is as fleet.conf says",
            "1:not all of it; the output says what and why",
            "2:--check: something has to happen; or wrong usage",
            "3:nodes that it changed or waited for went back from the release",
            "4:another controller changes the fleet now, or has taken the lock"
        })
public final class ApplyCommand extends PlanningVerb implements Callable<Integer> {
    private static final int REVERTED = 3;

    private final Function<String, Optional<String>> terminal;

    @Mixin
    private Locking locking = new Locking();

    @Mixin
    private NewHostKeys hostKeys = new NewHostKeys();

    @Option(names = "--yes", description = "Don't ask.")
    private boolean yes;

    @Option(names = "--check", description = "Only show what would happen.")
    private boolean check;

    @Option(names = "--allow-outage", description = "More may leave DNS than --most-out says, and all of a region.")
    private boolean allowOutage;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10m",
            converter = WrittenDuration.class,
            description = "Wait so long for nodes that come to serve; default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofMinutes(10);

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "A plan that plan -o has saved.")
    private @Nullable Path saved;

    /**
     * The verb, ready to run.
     *
     * @param terminal asks whoever sits there; no answer where nobody does
     */
    public ApplyCommand(Workplace workplace, Function<String, Optional<String>> terminal) {
        super(workplace);
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = fleet();
        if (!check && saved == null) {
            hostKeys.pin(
                    fleet,
                    managed(fleet, limit(fleet, limit())),
                    environment(),
                    yes || isJson() ? Optional.empty() : Optional.of(terminal),
                    this::step);
        }
        try (Ground ground = open(fleet)) {
            Optional<FleetPlan> given = saved == null ? Optional.empty() : Optional.of(read(fleet, saved));
            if (given.isPresent() && !limit().isEmpty()) {
                throw new CommandFailure("--limit is part of the saved plan: plan again with it");
            }
            Limit part = limit(fleet, given.map(FleetPlan::limit).orElse(limit()));
            FleetPlan plan = given.isPresent()
                    ? given.get()
                    : plan(fleet, world(fleet, ground, Fence.ALONE, line -> {}), part)
                            .plan();
            show(plan);
            if (check) {
                return plan.isEmpty() ? wrong(plan) : CHANGES;
            }
            if (plan.isEmpty() && given.isEmpty()) {
                return wrong(plan);
            }
            if (given.isEmpty() && !yes) {
                ask();
            }
            try (Holding lock = locking.take(fleet, ground.bucket(), clock(), actor(), "apply", this::step)) {
                return apply(fleet, ground, lock, part, plan);
            }
        }
    }

    private static List<Node> managed(FleetConfiguration fleet, Limit part) {
        return part.of(fleet).stream()
                .filter(node -> fleet.managed().contains(node))
                .toList();
    }

    private static int wrong(FleetPlan plan) {
        return plan.notes().isEmpty() ? 0 : CommandFailure.FAILED;
    }

    private void ask() {
        String answer = terminal.apply("Do this? Only 'yes' counts: ")
                .orElseThrow(
                        () -> new CommandFailure(
                                "nothing is changed: nobody can be asked here. Say --yes, or apply a file that plan -o has saved"));
        if (!answer.strip().equals("yes")) {
            throw new CommandFailure("nothing is changed, as you wish");
        }
    }

    private int apply(FleetConfiguration fleet, Ground ground, Holding lock, Limit part, FleetPlan plan)
            throws IOException, InterruptedException {
        World world = world(fleet, ground, lock, this::step);
        Result.Planned fresh = plan(fleet, world, part);
        if (!fresh.plan().observed().equals(plan.observed())) {
            List<String> now = written(fresh.plan());
            List<String> before = written(plan);
            now.stream().filter(line -> !before.contains(line)).forEach(line -> step("now also: " + line));
            before.stream().filter(line -> !now.contains(line)).forEach(line -> step("no longer: " + line));
            throw new CommandFailure("nothing is changed: the world has moved since the plan of " + plan.made()
                    + " was made. Plan again");
        }
        var terms = new Applying.Terms(
                allowOutage ? Optional.empty() : Optional.of(rails()),
                timeout,
                Duration.ofSeconds(1),
                new EachNode(10));
        Applying.Outcome outcome;
        try (var _ = display()) {
            outcome = new Applying(fleet, world, terms, this::step).apply(fresh, part);
        }
        var audit = new AuditLog(fleet.name(), ground.bucket(), clock(), actor(), lock::generation);
        List<String> changes = written(plan);
        Optional<String> unwritten = outcome.end() == Applying.End.DONE
                ? audit.done("apply", Optional.empty(), changes)
                : audit.notDone(
                        "apply",
                        outcome.end().name().toLowerCase(Locale.ROOT) + ": " + String.join("; ", outcome.problems()),
                        changes);
        unwritten.ifPresent(this::step);
        return ended(outcome, plan);
    }

    private static List<String> written(FleetPlan plan) {
        return plan.lines().stream().map(PlanLine::toString).toList();
    }

    private int ended(Applying.Outcome outcome, FleetPlan plan) {
        if (isJson()) {
            out().println(JsonWriter.line(JsonObject.EMPTY
                    .with("event", "end")
                    .with("result", outcome.end().name().toLowerCase(Locale.ROOT))
                    .with(
                            "problems",
                            new Json.Sequence(outcome.problems().stream()
                                    .<Json>map(Json.Text::new)
                                    .toList()))));
        } else {
            outcome.problems().forEach(problem -> out().println("! " + problem));
            out().println(
                            outcome.end() == Applying.End.DONE
                                    ? "Done: " + plan.summary() + "."
                                    : "Not all of it is done; the next apply goes on.");
        }
        return switch (outcome.end()) {
            case DONE -> wrong(plan);
            case INCOMPLETE -> CommandFailure.FAILED;
            case REVERTED -> REVERTED;
            case FENCED -> CommandFailure.LOCKED;
        };
    }

    private static FleetPlan read(FleetConfiguration fleet, Path file) throws IOException {
        FleetPlan plan;
        try {
            plan = FleetPlan.parse(Files.readAllBytes(file));
        } catch (NoSuchFileException missing) {
            throw new CommandFailure("there is no plan " + file + ": flotilla plan -o " + file, missing);
        } catch (MalformedJsonException wrong) {
            throw new CommandFailure(file + " is no plan: " + wrong.getMessage(), wrong);
        }
        if (!plan.fleet().equals(fleet.name())) {
            throw new CommandFailure(
                    file + " is a plan for the fleet " + plan.fleet() + ", and this is " + fleet.name());
        }
        return plan;
    }
}
