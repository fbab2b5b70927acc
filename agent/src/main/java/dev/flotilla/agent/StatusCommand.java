package dev.flotilla.agent;

import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.report.Health;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.state.AgentLock;
import dev.flotilla.agent.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what the agent knew last and whether it is at work. Needs neither bucket nor agent. */
@Command(name = "status", description = "Says which release the node runs, whether it serves, and what is wrong.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOption configuration = new ConfigurationOption();

    @Option(names = "--json", description = "As JSON: the node's report, and 'running' in 'agent'.")
    private boolean json;

    @Override
    public Integer call() throws StartFailure {
        AgentConfiguration settings = configuration.load();
        var folder = new StateFolder(settings.state());
        try {
            NodeReport report = NodeReport.parse(Files.readAllBytes(folder.report()));
            Optional<Long> agent = AgentLock.holder(folder.lock());
            System.out.print(json ? JsonWriter.text(asJson(report, agent)) : asText(report, agent));
            return agent.isPresent() && report.condition() == NodeReport.Condition.HEALTHY ? 0 : 1;
        } catch (NoSuchFileException neverRun) {
            throw new StartFailure("no agent has worked in " + folder.path() + " yet: there is no report");
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new StartFailure("the report in " + folder.report() + " can't be read: " + unreadable.getMessage());
        }
    }

    private static JsonObject asJson(NodeReport report, Optional<Long> agent) {
        JsonObject written = report.toJson();
        JsonObject withRunning = written.object("agent").with("running", agent.isPresent());
        return written.with(
                "agent", agent.map(pid -> withRunning.with("pid", pid)).orElse(withRunning));
    }

    private static String asText(NodeReport report, Optional<Long> agent) {
        return String.format(
                Locale.ROOT,
                "node     %s in region %s, fleet %s%nagent    %s%nrelease  %s%nmirror   %s%ntrust    %s%nwishes   %s%nwheels   %s%nhealth   %s%nas of    %s%n%s%n%s",
                report.node(),
                report.region(),
                report.fleet(),
                agent.map(pid -> "version " + report.agent().version() + ", process " + pid)
                        .orElse("not running: what follows is what it knew last"),
                report.release()
                        .map(release -> release.version() + ", "
                                + release.state().name().toLowerCase(Locale.ROOT) + " since " + release.since())
                        .orElse("none"),
                report.mirror()
                        .map(mirror -> "process " + mirror.pid() + " of release " + mirror.release()
                                + (mirror.ready() ? ", ready since " : ", not ready since ") + mirror.since()
                                + ", " + mirror.restarts() + " restarts")
                        .orElse("none"),
                report.trust()
                        .map(trust -> "root " + trust.root() + ", timestamp " + trust.timestamp() + ", until "
                                + trust.expires()
                                + trust.warning()
                                        .map(text -> "\n         " + text)
                                        .orElse(""))
                        .orElse("none yet"),
                report.steering().map(StatusCommand::wishes).orElse("unknown"),
                report.wheels().map(StatusCommand::wheels).orElse("none"),
                report.health().map(StatusCommand::health).orElse("unknown"),
                report.written(),
                report.problem().map(problem -> "degraded: " + problem).orElse("healthy"),
                report.waiting()
                        .map(waiting -> "release " + waiting.release() + " is not taken up yet: " + waiting.reason()
                                + waiting.until().map(time -> ", until " + time).orElse("") + "\n")
                        .orElse(""));
    }

    private static String health(Health health) {
        List<String> lines = new ArrayList<>();
        lines.add(health.disk().free() + " of " + health.disk().size() + " on disk free"
                + health.clock()
                        .map(ahead -> ahead.isZero()
                                ? ", clock as the bucket's"
                                : ", clock " + ahead.abs().toSeconds() + " s "
                                        + (ahead.isNegative() ? "ahead of" : "behind") + " the bucket's")
                        .orElse(""));
        health.store().ifPresent(store -> lines.add("store of the mirror: " + store.used() + " of " + store.budget()));
        health.pages()
                .ifPresent(pages -> lines.add("pages: asked for upstream " + pages.fetches() + " times, "
                        + pages.failed() + " in vain; " + pages.stale() + " answers past their time; " + pages.shunned()
                        + " hosts of upstreams out of order"));
        health.last().ifPresent(past -> lines.add("last problem, until " + past.seen() + ": " + past.problem()));
        return String.join("\n         ", lines);
    }

    private static String wheels(NodeReport.Wheels wheels) {
        String platforms =
                wheels.indexes().keySet().stream().map(Object::toString).collect(Collectors.joining(", "));
        return "version " + wheels.version()
                + wheels.expires().map(end -> ", until " + end).orElse("") + ": "
                + (platforms.isEmpty() ? "no platform" : platforms)
                + wheels.problem().map(why -> "\n         " + why).orElse("");
    }

    private static String wishes(NodeReport.Steering steering) {
        List<String> lines = new ArrayList<>();
        steering.drain().ifPresent(who -> lines.add((steering.drained() ? "drained " : "to be drained ") + who));
        steering.held().ifPresent(why -> lines.add("but serves on: " + why));
        steering.paused().ifPresent(who -> lines.add("paused " + who));
        if (steering.purgesWaiting() > 0) {
            lines.add(steering.purgesWaiting() + " purges wait"
                    + steering.purgeProblem().map(why -> ": " + why).orElse(""));
        } else {
            steering.purgeProblem().ifPresent(lines::add);
        }
        return lines.isEmpty() ? "none" : String.join("\n         ", lines);
    }
}
