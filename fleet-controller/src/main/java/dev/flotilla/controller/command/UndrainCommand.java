package dev.flotilla.controller.command;

import dev.flotilla.agent.intent.Failback;
import dev.flotilla.agent.intent.Intents;
import dev.flotilla.agent.intent.Return;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.DnsSettings;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.rollout.IntentWatch.Word;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla undrain}: ends a drain. */
@Command(
        name = "undrain",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Ends a drain, named as it was begun: clients come again.",
        description = {
            "",
            "A region and one node of it are two drains: a node that was drained by name stays so when its region comes back. A drain"
                    + " that was made on a node itself (agent drain) is ended there. With dns.failback = manual in fleet.conf it also"
                    + " brings back nodes that keep away since their mirror ended; they come once they serve.",
            ""
        },
        footer = {"", "Examples:", "  flotilla undrain east", "  flotilla undrain east/east-1 --wait", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:published, or there was no such drain; with --wait: and every node says that clients come again",
            "1:nothing is changed; the message says why",
            "2:wrong usage",
            Waiting.NOT_DONE
        })
public final class UndrainCommand extends Intending implements Callable<Integer> {
    @Parameters(
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "A region, or one node of it, as it was drained.")
    private @Nullable Place place;

    @Mixin
    private Waiting waiting = new Waiting();

    @Mixin
    private ThroughDns throughDns = new ThroughDns();

    public UndrainCommand(Clock clock, Supplier<AwsCredentialsProvider> credentials, String actor) {
        super(clock, credentials, actor);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Place where = Objects.requireNonNull(place);
        FleetConfiguration fleet = fleet();
        if (throughDns.isWanted()) {
            return throughDns(throughDns, fleet, where.nodes(fleet), false);
        }
        boolean manual = fleet.dns()
                .map(DnsSettings::failback)
                .filter(failback -> failback.policy() == Failback.Policy.MANUAL)
                .isPresent();
        // Not looked up in fleet.conf: a drain of a node that has left the fleet can be ended, too.
        return change(
                fleet,
                "undrain",
                "no drain of " + where,
                (before, current) -> undrained(before, where, manual, current.now()),
                wanted -> List.of(),
                waiting,
                waiting.isWanted() ? where.nodes(fleet) : List.of(),
                wanted -> (node, said) -> serves(wanted, node, said));
    }

    /** Where nodes wait for somebody's word after their mirror ended, this is the word. */
    private Intents undrained(Intents before, Place where, boolean manual, Instant now) {
        Intents undrained = before.undrained(where.region(), where.node());
        return manual ? undrained.returned(new Return(where.region(), where.node(), actor(), now)) : undrained;
    }

    private Word serves(Intents wanted, NodeId node, NodeReport.Steering said) {
        if (!said.drained()) {
            return new Word.Done("clients may come");
        }
        return wanted.drain(node.region(), node.node(), clock().instant())
                .<Word>map(other -> new Word.Declined("it stays drained, by another drain: " + other.place()))
                .orElseGet(() -> new Word.Awaited("it knows of it, and is drained"
                        + said.drain().map(who -> " " + who).orElse("")));
    }
}
