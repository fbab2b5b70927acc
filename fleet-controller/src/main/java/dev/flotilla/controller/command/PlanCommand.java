package dev.flotilla.controller.command;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.plan.FleetPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flotilla plan}: what would have to happen. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows what has to happen so that the fleet is as fleet.conf says. Changes nothing.",
        description = {
            "",
            "Looks at bucket, machines, nodes and DNS at the same time. '+' comes, '~' changes, '-' goes; '!' is wrong and can't be mended from here."
                    + " What is marked 'once it serves' happens when a node does that doesn't yet: no other one enters DNS.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla plan",
            "  flotilla plan --diff",
            "  flotilla plan -o tonight.plan && flotilla apply tonight.plan",
            "  flotilla plan --json | jq -r 'select(.event == \"change\") | .text'",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing has to happen",
            "1:nothing has to happen, but something is wrong; or no plan can be made. The message says why",
            "2:something has to happen; or wrong usage"
        })
public final class PlanCommand extends PlanningVerb implements Callable<Integer> {
    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "Write the plan there, bound to what was seen: apply FILE does just that, or nothing.")
    private @Nullable Path saved;

    /** The verb, ready to run. */
    public PlanCommand(Workplace workplace) {
        super(workplace);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = fleet();
        try (Ground ground = open(fleet)) {
            FleetPlan plan = plan(fleet, world(fleet, ground, Fence.ALONE, line -> {}), limit(fleet, limit()))
                    .plan();
            show(plan);
            if (saved != null) {
                Disk.replace(saved.toAbsolutePath(), plan.toBytes());
            }
            return plan.isEmpty() ? (plan.notes().isEmpty() ? 0 : CommandFailure.FAILED) : CHANGES;
        }
    }
}
