package dev.flotilla.controller.command;

import dev.flotilla.agent.intent.Drain;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.ClientsWatch;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla drain}: has clients go elsewhere. */
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Has the clients of a region, or of one node, go elsewhere.",
        description = {
            "",
            "The nodes answer 503 to whoever asks whether they are ready, so that DNS leads away from them; they still serve"
                    + " everybody who comes. It is signed by the fleet's role for intents and needs no new release. So many nodes of the"
                    + " fleet go on as 'minimum-serving' in fleet.conf says (1): each node finds out by itself whether enough others"
                    + " serve.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla drain east --for 2h --reason \"new switch\"",
            "  flotilla drain east/east-1                        until somebody says undrain",
            "  flotilla drain east --wait                        until clients have left; says how many still come",
            "  flotilla drain east --wait --nodes-only           until the nodes say so; names those that don't",
            "  flotilla undrain east",
            "  flotilla drain east --through-dns                 when the bucket is gone",
            "",
            "On a node itself, without bucket or controller: agent drain",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {Waiting.DONE, "1:nothing is changed; the message says why", "2:wrong usage", Waiting.NOT_DONE})
public final class DrainCommand extends Intending implements Callable<Integer> {
    /** Nodes report every ten seconds, or when something changes. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    @Parameters(
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "A region, or one node of it.")
    private @Nullable Place place;

    @ArgGroup(exclusive = true)
    private End end = new End();

    @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for whoever looks.")
    private String reason = "";

    private static final class End {
        @Option(
                names = "--for",
                paramLabel = "DURATION",
                converter = WrittenDuration.class,
                description = "End by itself after this time, such as 30m or 2h.")
        private @Nullable Duration duration;

        @Option(
                names = "--until",
                paramLabel = "TIME",
                description = "End by itself at this time in UTC, such as 2026-12-21T06:00:00Z.")
        private @Nullable Instant time;
    }

    @Mixin
    private Waiting waiting = new Waiting();

    @Option(
            names = "--quiet",
            paramLabel = "RATE",
            defaultValue = "0.5",
            description =
                    "With --wait: clients have left a node when no more requests a second come to it than this, those that ask"
                            + " how it is not counted; default: ${DEFAULT-VALUE}.")
    private double quiet;

    @Option(
            names = "--nodes-only",
            description =
                    "With --wait: only until the nodes say that they are drained, not until their clients have left.")
    private boolean nodesOnly;

    @Mixin
    private ThroughDns throughDns = new ThroughDns();

    public DrainCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        super(clock, credentials, actor);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Place where = Objects.requireNonNull(place);
        FleetConfiguration fleet = fleet();
        List<NodeId> nodes = where.nodes(fleet);
        if (throughDns.isWanted()) {
            if (end.duration != null || end.time != null || !reason.isEmpty() || waiting.isWanted()) {
                throw new CommandFailure("--through-dns goes without --for, --until, --reason and --wait: Route 53 ends"
                        + " nothing by itself and keeps no reason");
            }
            return throughDns(throughDns, fleet, nodes, true);
        }
        if (!(quiet >= 0)) {
            throw new CommandFailure("--quiet is 0 or more requests a second");
        }
        Instant now = clock().instant().truncatedTo(ChronoUnit.SECONDS);
        Optional<Instant> until =
                end.duration == null ? Optional.ofNullable(end.time) : Optional.of(now.plus(end.duration));
        if (until.filter(time -> !time.isAfter(now)).isPresent()) {
            throw new CommandFailure("the drain would be over already: --until " + until.get() + ", now is " + now);
        }
        Drain drain;
        try {
            drain = new Drain(where.region(), where.node(), until, reason, actor(), now);
        } catch (IllegalArgumentException invalid) {
            throw new CommandFailure(String.valueOf(invalid.getMessage()), invalid);
        }
        String line = "drain " + where + until.map(time -> " until " + time).orElse("")
                + (reason.isEmpty() ? "" : " (" + reason + ")");
        return change(
                fleet,
                "drain",
                line,
                (before, current) -> before.drained(drain),
                wanted -> remarks(fleet, wanted, now),
                waiting,
                nodes,
                wanted -> (node, said) ->
                        isDrained(said, staying(fleet, wanted, now).contains(node)),
                nodesOnly ? Optional.empty() : Optional.of(untilClientsLeft(fleet)));
    }

    /** As long as the checkers take, and resolvers then keep their answers. */
    private ClientsWatch.Terms untilClientsLeft(FleetConfiguration fleet) {
        return new ClientsWatch.Terms(
                fleet.dns().map(DnsSettings::longestOutage).orElse(Duration.ZERO), quiet, BETWEEN_LOOKS);
    }

    /** @param stays whether it is one of those that have to serve on, whatever the others see; any other one may go in a moment */
    private static Word isDrained(NodeReport.Steering said, boolean stays) {
        if (said.drained()) {
            return new Word.Done("drained");
        }
        String why = said.held()
                .map(reason -> "it serves on: " + reason)
                .orElse("it knows of it; its mirror doesn't say yet that it is drained");
        return stays && said.held().isPresent() ? new Word.Declined(why) : new Word.Awaited(why);
    }

    /** The nodes that are meant and will not go: too few others are left, and these are the first of those in order. */
    private static SequencedSet<NodeId> staying(FleetConfiguration fleet, Intents intents, Instant now) {
        List<NodeId> meant = fleet.nodes().stream()
                .map(Node::id)
                .filter(node -> intents.drain(node.region(), node.node(), now).isPresent())
                .sorted()
                .toList();
        int others = fleet.nodes().size() - meant.size();
        return meant.stream()
                .limit(Math.max(0, fleet.minimumServing() - others))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static List<String> remarks(FleetConfiguration fleet, Intents intents, Instant now) {
        Set<NodeId> staying = staying(fleet, intents, now);
        return staying.isEmpty()
                ? List.of("To watch it: flotilla status. To end it: flotilla undrain")
                : List.of(fleet.minimumServing() + " of " + fleet.nodes().size()
                        + " nodes have to serve (minimum-serving), so these go on: "
                        + staying.stream().map(NodeId::toString).collect(Collectors.joining(", ")));
    }
}
