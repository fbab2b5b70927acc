package dev.flotilla.controller.command;

import dev.flotilla.agent.intent.PurgeScope;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla purge}: has every node ask upstream for some pages anew. */
@Command(
        name = "purge",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Has every node ask upstream anew for the page of a project, or for many.",
        description = {
            "",
            "Every node carries it out once, as soon as it sees it; one that is away does so when it is back. While upstream fails,"
                    + " the page that is kept is served, unless it is a hard purge. Files stay: their digests say what they are.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla purge requests",
            "  flotilla purge --prefix acme- --hard",
            "  flotilla purge --all --wait --timeout 10m         until every node says so; names those that don't",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {Waiting.DONE, "1:nothing is changed; the message says why", "2:wrong usage", Waiting.NOT_DONE})
public final class PurgeCommand extends Intending implements Callable<Integer> {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private Which which = new Which();

    @Option(names = "--hard", description = "Delete the pages, so that they are unavailable while upstream fails.")
    private boolean hard;

    private static final class Which {
        @Parameters(paramLabel = "PROJECT", description = "The name of a project, in any form.")
        private @Nullable String project;

        @Option(
                names = "--prefix",
                paramLabel = "BEGINNING",
                description = "All projects whose names begin so, in normal form.")
        private @Nullable String prefix;

        @Option(names = "--all", description = "Every page.")
        private boolean all;
    }

    @Mixin
    private Waiting waiting = new Waiting();

    public PurgeCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        super(clock, credentials, actor);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PurgeScope scope = scope();
        FleetConfiguration fleet = fleet();
        String line = "purge " + scope.text() + (hard ? ", hard" : "");
        return change(
                fleet,
                "purge",
                line,
                (before, current) -> before.purged(scope, hard, actor(), current.now()),
                wanted -> List.of("It is purge " + wanted.lastPurge()
                        + "; flotilla status shows which nodes have still to carry it out."),
                waiting,
                fleet.nodes().stream().map(Node::id).toList(),
                wanted -> (node, said) -> isPurged(wanted.lastPurge(), said));
    }

    private static Word isPurged(long number, NodeReport.Steering said) {
        Optional<String> problem = said.purgeProblem();
        if (said.purged() < number) {
            return new Word.Awaited(said.purgesWaiting() + " purges wait"
                    + problem.map(why -> ": " + why).orElse(""));
        }
        return problem.<Word>map(Word.Declined::new).orElseGet(() -> new Word.Done("purged"));
    }

    private PurgeScope scope() {
        try {
            if (which.project != null) {
                return new PurgeScope.Project(ProjectName.of(which.project));
            }
            if (which.prefix != null) {
                return new PurgeScope.Prefix(which.prefix);
            }
            if (which.all) {
                return new PurgeScope.All();
            }
            throw new IllegalArgumentException("say which pages: PROJECT, --prefix BEGINNING or --all");
        } catch (IllegalArgumentException invalid) {
            throw new ParameterException(spec().commandLine(), String.valueOf(invalid.getMessage()), invalid);
        }
    }
}
